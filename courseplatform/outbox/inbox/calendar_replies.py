"""Yes, perhaps and no from a calendar program (iTIP REPLY, RFC 5546): the same answer as on the event's page.

It counts when its sender is the attendee it names, takes part in the cohort, and our relay does not say otherwise. The
newest word stands, wherever it was said: DTSTAMP decides.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from icalendar import Calendar

from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, GroupMeeting, Substitution, Workshop
from courseplatform.cohorts.transitions.answer import answer_by_mail, answer_meeting
from courseplatform.cohorts.transitions.seat import decline
from courseplatform.outbox.inbox.arrived import Arrived, text_of
from courseplatform.outbox.inbox.outcomes import Outcome
from courseplatform.outbox.models import IncomingMail
from courseplatform.people.refusals import Refusal

Response = Attendance.Response
LONGEST = 50_000  # letters of a calendar part
ANSWERS = {"ACCEPTED": Response.ACCEPTED, "TENTATIVE": Response.TENTATIVE, "DECLINED": Response.DECLINED}


@dataclass(frozen=True)
class Reply:
    """One attendee's word about one event, as the mail has it."""

    uid: str
    attendee: str
    answer: str
    sequence: int
    said_at: datetime
    starts_at: datetime | None


def read(arrived: Arrived, now: datetime) -> Outcome | None:
    """Takes replies and counter-proposals; None for other mail. Raises ValueError for a calendar that is none."""
    calendar = _calendar(arrived)
    if calendar is None or (method := str(calendar.get("method", "")).upper()) not in ("REPLY", "COUNTER"):
        return None
    if method == "COUNTER":
        return _noted("counter")
    reply = _reply(calendar)
    return _noted(_kept(reply, arrived, now) if reply else "unclear")


def _noted(word: str) -> Outcome:
    return Outcome(IncomingMail.Kind.CALENDAR, word)


def _calendar(arrived: Arrived) -> Any:
    part = next(arrived.parts("text/calendar"), None)
    text = text_of(part) if part else ""
    return Calendar.from_ical(text) if 0 < len(text) <= LONGEST else None


def _reply(calendar: Any) -> Reply | None:
    """None for what is no single answer to a single event."""
    [event, *more] = calendar.walk("VEVENT") or [{}]
    stamp, attendee, begins = (event.get(name) for name in ("dtstamp", "attendee", "dtstart"))
    if more or not isinstance(attendee, str) or not isinstance(getattr(stamp, "dt", None), datetime):
        return None
    return Reply(
        uid=str(event.get("uid", "")),
        attendee=str(attendee).casefold().removeprefix("mailto:"),
        answer=str(attendee.params.get("PARTSTAT", "")).upper(),  # type: ignore[attr-defined]
        sequence=int(event.get("sequence", 0)),
        said_at=_utc(stamp.dt),
        starts_at=_utc(begins.dt) if isinstance(getattr(begins, "dt", None), datetime) else None,
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kept(reply: Reply, arrived: Arrived, now: datetime) -> str:
    """Keeps the answer, or says in a word why not."""
    if reply.answer not in ANSWERS:
        return "delegated" if reply.answer == "DELEGATED" else "unclear"
    if reply.attendee != arrived.sender or arrived.is_denied:
        return "forged"
    workshop = Workshop.objects.select_related("cohort").filter(ics_uid=reply.uid).first()
    if not workshop:
        return _kept_for_a_meeting(reply, now)
    if seat := _seat(reply.attendee, workshop):
        return _kept_for_a_seat(reply, seat, now)
    if not (enrolment := _enrolment(reply.attendee, workshop.cohort)):
        return "unknown"
    if _is_about_another_time(reply, workshop):
        return "outdated"
    try:
        is_newest = answer_by_mail(workshop, enrolment, ANSWERS[reply.answer], said_at=_said_at(reply, now), now=now)
    except Refusal:
        return "too_late"
    return reply.answer.lower() if is_newest else "older"


def _said_at(reply: Reply, now: datetime) -> datetime:
    """A clock that is ahead must not outdo later answers."""
    return min(reply.said_at, now)


def _kept_for_a_meeting(reply: Reply, now: datetime) -> str:
    """The answer of somebody who is in the learning group now."""
    meeting = GroupMeeting.objects.select_related("group__cohort").filter(ics_uid=reply.uid).first()
    enrolment = _enrolment(reply.attendee, meeting.group.cohort) if meeting else None
    if not (meeting and enrolment and enrolment.group_memberships.filter(group=meeting.group, left_at=None).exists()):
        return "unknown"
    if _is_about_another_time(reply, meeting):
        return "outdated"
    answer, said_at = ANSWERS[reply.answer], _said_at(reply, now)
    try:
        is_newest = answer_meeting(meeting, enrolment, answer, said_at=said_at, now=now)
    except Refusal:
        return "too_late"
    return reply.answer.lower() if is_newest else "older"


def _seat(address: str, workshop: Workshop) -> Substitution | None:
    """The seat that a colleague with this address has there."""
    theirs = Substitution.objects.standing().filter(workshop=workshop, substitute__is_active=True)
    alive = workshop.cohort.state not in ("cancelled", "archived")
    return theirs.filter(substitute__email=address).select_related("workshop").first() if alive else None


def _kept_for_a_seat(reply: Reply, seat: Substitution, now: datetime) -> str:
    """A colleague's no gives the seat back; their yes changes nothing, for they come already."""
    if _is_about_another_time(reply, seat.workshop):
        return "outdated"
    try:
        if reply.answer == "DECLINED":
            decline(seat, now=now)
    except Refusal:
        return "too_late"
    return reply.answer.lower()


def _enrolment(address: str, cohort: Cohort) -> Enrolment | None:
    theirs = Enrolment.objects.filter(person__email=address, person__is_active=True, cohort=cohort)
    alive = cohort.state not in ("cancelled", "archived")
    return theirs.taking_part().order_by("ended_at", "pk").first() if alive else None


def _is_about_another_time(reply: Reply, event: Workshop | GroupMeeting) -> bool:
    """A yes to an earlier invitation is no yes to a new date; another room leaves it standing."""
    return reply.sequence < event.ics_sequence and reply.starts_at != event.starts_at
