"""I dag, and the way to it for everybody who signs in."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from courseplatform import clock
from courseplatform.cohorts.calendar.dates import CohortDates, dates_of
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, GroupMembership, LearningGroup
from courseplatform.cohorts.progress import is_lent, own_attendances, own_lines, progress_of, stays_away
from courseplatform.cohorts.workshops.seats_held import seats_held
from courseplatform.journal.experiments.trying import my_experiment
from courseplatform.journal.groups.finding_a_date import times_to_answer
from courseplatform.journal.groups.peer_questions_page import places
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections.entries import says_something
from courseplatform.journal.today import Draft, next_meeting, next_thing, next_workshop, still_open
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.not_kept import not_kept
from courseplatform.outbox.writing.topics import conversation_of, prompt_of
from courseplatform.people.models import RoleAssignment, User
from courseplatform.people.requests import PersonRequest


@login_required
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """I dag for who takes part; HR's and the facilitator's own first page for the others."""
    now, own = clock.now(), _enrolments(request.user)
    received = _received(request.user, now)
    around = {
        "invitations": [one for one in own if one.state == Enrolment.State.INVITED],
        "conversations": _conversations(request.user, received),
        "seats": seats_held(request.user, now),
    }
    enrolment = next((one for one in own if one.state in Enrolment.TAKING_PART), None)
    if enrolment:
        return render(request, "journal/today.html", _today(request, enrolment, received) | around)
    if not any(around.values()) and (place := _first_page(request.user)):
        return redirect(place)
    around["has_been_here"] = Enrolment.objects.been_on(request.user).exists()
    return render(request, "journal/today_empty.html", around | {"is_line_manager": _leads_somebody(request.user)})


def _enrolments(person: User) -> list[Enrolment]:
    """Where they take part, and where they are asked to while there is time; the latest start first."""
    is_asked = Q(state=Enrolment.State.INVITED, cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.RUNNING])
    own = Enrolment.objects.of(person).filter(is_asked | Q(state__in=Enrolment.TAKING_PART))
    related = ("cohort__programme_version", "cohort__municipality", "person")
    return list(own.select_related(*related).defer("cohort__programme_version__snapshot"))


def _received(person: User, now: datetime) -> list[Message]:
    """What was asked of them, as a participant or as somebody's line manager, and can still be answered in time."""
    asked = [Message.Kind.PROMPT, Message.Kind.CONVERSATION, Message.Kind.SURVEY]
    in_time = Message.objects.of(person).asked_by(now).filter(kind__in=asked, expires_at__gt=now)
    related = ("enrolment__person", "enrolment__cohort__programme_version")
    return list(in_time.select_related(*related).defer("enrolment__cohort__programme_version__snapshot"))


def _conversations(person: User, received: list[Message]) -> list[dict[str, Any]]:
    """What a line manager is asked to hold with somebody who takes part, the newest first."""
    others = (one for one in received if one.enrolment.person_id != person.pk)
    own = still_open([one for one in others if one.kind == Message.Kind.CONVERSATION])
    return [{"message": one, "minutes": conversation_of(one).minutes} for one in own]


def _leads_somebody(person: User) -> bool:
    """Whether somebody whose line manager this is takes part now."""
    return Enrolment.objects.filter(person__line_manager=person, state__in=Enrolment.TAKING_PART).exists()


def _first_page(person: User) -> str | None:
    if person.has_role(RoleAssignment.Kind.HR):
        return "cohorts"
    return "facilitator" if person.has_role(RoleAssignment.Kind.FACILITATOR) else None


def _today(request: PersonRequest, enrolment: Enrolment, received: list[Message]) -> dict[str, Any]:
    now, cohort = clock.now(), enrolment.cohort
    today = clock.today(cohort.municipality.timezone)
    dates, progress = dates_of(cohort), progress_of(enrolment, today)
    attendances = own_attendances(enrolment)
    answers = _answers(attendances)
    stay = _stay(enrolment)
    group = stay.group if stay else None
    messages = still_open([one for one in received if one.enrolment_id == enrolment.pk])
    meeting = _meeting(dates, group, now)
    thing = next_thing(
        *(messages, dates, progress, frozenset(answers), now, _drafts(enrolment)),
        away_from=frozenset(key for key, one in answers.items() if stays_away(one)),
        meeting=meeting["event"] if meeting else None,
    )
    return {
        "today": today,
        "cohort": cohort,
        "dates": dates,
        "week": dates.week_of(today) + 1,
        "thing": thing,
        "question": prompt_of(thing.message).text if thing.message else None,
        "minutes": conversation_of(thing.message).minutes if thing.message and thing.kind == "conversation" else None,
        "left": progress.left.get(thing.lesson.key) if thing.lesson else None,
        "workshop": _workshop(dates, answers, now),
        "meeting": meeting,
        "times_to_answer": getattr(stay, "times_to_answer", 0),
        "experiment": my_experiment(enrolment, now),
        "not_kept": not_kept(request.user, now),
        "asked_of_me": places(request.user, unseen=True),
        "lines": own_lines(enrolment, dates, progress, attendances, today, group.pk if group else None),
    }


def _drafts(enrolment: Enrolment) -> list[Draft]:
    """What the person has begun to write and not finished, the latest first."""
    own = Reflection.objects.by(enrolment.person).filter(enrolment=enrolment, state=Reflection.State.DRAFT)
    latest = own.select_related("author__key").order_by("-updated_at")[:20]
    return [Draft(one.pk, one.prompt_key, one.updated_at) for one in latest if says_something(one)]


def _answers(attendances: list[Attendance]) -> dict[str, Attendance]:
    """Workshop key → the person's answer, where they have given one or have sent a colleague."""
    said = (one for one in attendances if is_lent(one) or one.response != Attendance.Response.NONE)
    return {one.workshop.key: one for one in said if one.workshop}


def _stay(enrolment: Enrolment) -> GroupMembership | None:
    """In their learning group, with how many proposed times wait for their answer there."""
    waiting = {"times_to_answer": times_to_answer(enrolment.person, meeting__group=OuterRef("group"))}
    stays = GroupMembership.objects.filter(enrolment=enrolment, left_at=None).select_related("group")
    return stays.annotate(**waiting).first()


def _workshop(dates: CohortDates, answers: dict[str, Attendance], now: datetime) -> dict[str, Any] | None:
    coming = next_workshop(dates, now)
    if coming is None:
        return None
    planned = dates.programme.workshop(coming.key)
    number = [one.key for one in dates.programme.workshops].index(coming.key) + 1
    days = (dates.local(coming.starts_at).date() - dates.local(now).date()).days if coming.starts_at else None
    return {"event": coming, "planned": planned, "number": number, "answer": answers.get(coming.key), "days": days}


def _meeting(dates: CohortDates, group: LearningGroup | None, now: datetime) -> dict[str, Any] | None:
    coming = next_meeting(dates, group.pk, now) if group else None
    if coming is None:
        return None
    planned = dates.programme.group_meeting(coming.key)
    number = [one.key for one in dates.programme.group_meetings].index(coming.key) + 1
    return {"event": coming, "planned": planned, "number": number, "week_of": dates.day(planned.week)}
