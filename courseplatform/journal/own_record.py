"""What is kept around somebody, for their own copy: who they are here, cohorts, days, groups, wishes and looks.

What they have written is in `own_copy`. Names of others stand here only where they had to do with this person.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Prefetch, Q

from courseplatform.cohorts.models import (
    Attendance,
    CheckIn,
    Cohort,
    Enrolment,
    GroupMembership,
    LearningGroup,
    LessonProgress,
    Substitution,
    WorkshopLook,
)
from courseplatform.cohorts.models.events import Event
from courseplatform.journal.models import AgreementYes, DateAnswer, MeetingRun, MeetingTurn
from courseplatform.outbox.models import BackOff, CalendarFeed, Message
from courseplatform.outbox.reading.my_messages import title_of
from courseplatform.people.models import AuditEvent, DataRequest, NotificationPreference, OrgUnit, RoleAssignment, User

Row = dict[str, Any]


def record_of(person: User) -> dict[str, Any]:
    """Plain values; instants are aware, days are dates. A fixed number of queries."""
    return {
        "person": _person(person),
        "wishes": _wishes(person),
        "signed_in": _signed_in(person),
        "cohorts": _cohorts(person),
        "seats": _seats(person),
        "group": _group(person),
        "messages": _messages(person),
        "asked_of_us": _requests(person),
        "looked_at_by": _looks(person),
    }


def _person(person: User) -> Row:
    facilitated = LearningGroup.objects.filter(facilitator=person).select_related("cohort")
    run = Cohort.objects.filter(Q(owner_hr=person) | Q(facilitators=person)).distinct()
    return {
        "name": person.display_name,
        "email": person.email,
        "job_title": person.job_title,
        "level": str(person.get_level_display()),
        "unit": str(person.org_unit or ""),
        "line_manager": str(person.line_manager or ""),
        "manages": [unit.name for unit in OrgUnit.objects.filter(manager=person)],
        "language": person.language,
        "timezone": person.timezone,
        "since": person.created_at,
        "cannot_get_mail_since": person.undeliverable_since,
        "roles": [str(role.get_kind_display()) for role in RoleAssignment.objects.filter(person=person)],
        "runs": [cohort.name for cohort in run],
        "facilitates": [f"{group.name}, {group.cohort.name}" for group in facilitated],
    }


# --- Wishes and signing in -------------------------------------------------------------------------------------------
def _wishes(person: User) -> Row:
    wishes = NotificationPreference.objects.filter(person=person).first() or NotificationPreference()
    feed = CalendarFeed.objects.filter(person=person).first()
    quiet = BackOff.objects.filter(person=person).order_by("began_at")
    return {
        "preferred_time": wishes.preferred_time,
        "one_mail_a_week": wishes.digest == NotificationPreference.Digest.WEEKLY,
        "one_mail_a_week_on": str(wishes.get_digest_day_display()),
        "stopped": wishes.muted_classes,
        "pause_from": wishes.pause_from,
        "pause_until": wishes.pause_until,
        "own_calendar": bool(feed and feed.is_on),
        "quiet": [
            {"from": one.began_at, "until": one.quiet_until, "choice": str(one.get_choice_display())} for one in quiet
        ],
    }


def _signed_in(person: User) -> Row:
    places = UserSession.objects.filter(user=person).order_by("created_at")
    keys = Authenticator.objects.filter(user=person).order_by("created_at")
    return {
        "places": [
            {"device": one.user_agent, "since": one.created_at, "last_seen": one.last_seen_at} for one in places
        ],
        "passkeys": [{"name": str(one), "since": one.created_at, "last_used": one.last_used_at} for one in keys],
    }


# --- Cohorts, lessons, days ------------------------------------------------------------------------------------------
def _cohorts(person: User) -> list[Row]:
    enrolments = Enrolment.objects.filter(person=person).select_related("cohort").order_by("cohort__starts_on")
    parts = {"lessons": _lessons(person), "events": _events(person)}
    return [_cohort(one) | {name: part[one.pk] for name, part in parts.items()} for one in enrolments]


def _cohort(enrolment: Enrolment) -> Row:
    return {
        "cohort": enrolment.cohort.name,
        "state": str(enrolment.get_state_display()),
        "since": enrolment.activated_at,
        "paused_from": enrolment.paused_from,
        "paused_to": enrolment.paused_to,
        "until": enrolment.ended_at,
        "reason": enrolment.end_reason,
    }


def _lessons(person: User) -> dict[Any, list[Row]]:
    rows = LessonProgress.objects.filter(enrolment__person=person).order_by("lesson_key")
    return _by_enrolment(rows, _lesson)


def _lesson(one: LessonProgress) -> Row:
    place = {"left_at": one.left_at, "paragraph": one.paragraph}
    return {"lesson": one.lesson_key, "state": str(one.get_state_display()), "read_at": one.completed_at} | place


def _events(person: User) -> dict[Any, list[Row]]:
    said = Attendance.objects.filter(enrolment__person=person).select_related("workshop", "meeting")
    return _by_enrolment(said.prefetch_related("notes"), _attendance)


def _attendance(attendance: Attendance) -> Row:
    event = attendance.workshop or attendance.meeting
    noted = [
        {"at": note.noted_at, "from": str(note.get_before_display()), "to": str(note.get_outcome_display())}
        | {"reason": note.reason}
        for note in attendance.notes.all()
    ]
    return _event(event) | {
        "answer": str(attendance.get_response_display()),
        "answered_at": attendance.responded_at,
        "seat_given_at": attendance.seat_given_at,
        "answer_before_a_move": str(attendance.get_earlier_response_display()),
        "attendance": str(attendance.get_outcome_display()),
        "noted": noted,
    }


def _event(event: Event | None) -> Row:
    return {"event": event.key if event else "", "starts_at": event.starts_at if event else None}


def _by_enrolment(rows: Iterable[Any], as_row: Any) -> dict[Any, list[Row]]:
    found = defaultdict(list)
    for one in rows:
        found[one.enrolment_id].append(as_row(one))
    return found


def _seats(person: User) -> Row:
    """A colleague in my seat, me in a colleague's, and where I checked in and looked."""
    mine = Q(enrolment__person=person) | Q(substitute=person)
    seats = Substitution.objects.filter(mine).select_related("workshop", "substitute", "enrolment__person")
    arrivals = CheckIn.objects.filter(Q(person=person) | Q(enrolment__person=person)).select_related("workshop")
    looks = WorkshopLook.objects.filter(person=person).select_related("workshop")
    return {
        "history": [_seat(one) for one in seats],
        "checked_in": [_event(one.workshop) | {"at": one.scanned_at} for one in arrivals],
        "looked_at": [_event(one.workshop) | {"at": one.latest_at} for one in looks],
    }


def _seat(one: Substitution) -> Row:
    whose = {"seat_of": str(one.enrolment.person), "colleague": one.who, "state": str(one.get_state_display())}
    return _event(one.workshop) | whose | {"from": one.held_from, "until": one.ended_at}


# --- The group -------------------------------------------------------------------------------------------------------
def _group(person: User) -> Row:
    stays = GroupMembership.objects.filter(enrolment__person=person).select_related("group").order_by("joined_at")
    yeses = AgreementYes.objects.filter(person=person).select_related("agreement__group").order_by("created_at")
    answers = DateAnswer.objects.filter(enrolment__person=person).select_related("proposal__meeting")
    return {
        "stays": [{"group": one.group.name, "from": one.joined_at, "until": one.left_at} for one in stays],
        "agreements": [
            {"group": one.agreement.group.name, "version": one.agreement.version, "text": one.agreement.text}
            | {"said_yes_at": one.created_at}
            for one in yeses
        ],
        "dates": [
            {"meeting": one.proposal.meeting.key, "proposed": one.proposal.starts_at}
            | {"answer": str(one.get_answer_display())}
            for one in answers
        ],
        "meetings": _part_in_meetings(person),
    }


def _part_in_meetings(person: User) -> list[Row]:
    turns = Prefetch("turns", MeetingTurn.objects.filter(presenter__person=person))
    was_there = Q(present__person=person) | Q(process_keeper__person=person) | Q(turns__presenter__person=person)
    runs = MeetingRun.objects.filter(was_there).distinct().select_related("meeting", "process_keeper")
    return [
        {
            "meeting": run.meeting.key,
            "begun_at": run.begun_at,
            "presented": bool(run.turns.all()),
            "kept_the_process": bool(run.process_keeper and run.process_keeper.person_id == person.pk),
        }
        for run in runs.prefetch_related(turns)
    ]


# --- What was sent, asked of us, and looked at -----------------------------------------------------------------------
def _messages(person: User) -> list[Row]:
    own = Message.objects.of(person).select_related("enrolment__person", "enrolment__cohort", "workshop", "meeting")
    return [
        {"at": one.sent_at or one.due_at, "what": title_of(one), "state": str(one.get_state_display())}
        | {"answered_at": one.answered_at, "dismissed_at": one.dismissed_at}
        for one in own.order_by("due_at", "pk")
    ]


def _requests(person: User) -> list[Row]:
    return [
        {"at": one.received_at, "what": str(one.get_kind_display()), "state": str(one.get_state_display())}
        | {"ended_at": one.ended_at, "ground": one.ground}
        for one in DataRequest.objects.filter(person=person).order_by("received_at")
    ]


def _looks(person: User) -> list[Row]:
    looks = AuditEvent.objects.filter(about=person).exclude(actor=person).select_related("actor").order_by("at")
    return [{"at": one.at, "who": str(one.actor or ""), "why": one.purpose} for one in looks]
