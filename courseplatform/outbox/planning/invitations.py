"""Who gets which calendar mail: one message per person and sequence of a workshop (MODEL §7 “moved”, “cancelled”)."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from courseplatform.cohorts.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import BEFORE_START, CANCELLATION
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.outbox.writing.itip import calendar_file

__all__ = ["INVITATION", "calendar_file", "plan_invitations", "waits_for_a_sender"]

State = Message.State
INVITATION = "invitation"
DEBOUNCE = timedelta(minutes=10)  # moved back and forth: only the last word is sent
NOT_LATER = timedelta(hours=2)  # before the workshop, however often it is moved
INVITED = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE, Enrolment.State.PAUSED)
# From here on an entry may stand in somebody's calendar.
MAY_HAVE_ARRIVED = Q(state=State.SENT) | Q(maybe_sent=True)
MAY_ARRIVE = MAY_HAVE_ARRIVED | Q(state=State.CLAIMED)


def plan_invitations(cohort: Cohort, now: datetime) -> int:
    """Writes the calendar messages that one cohort still lacks and returns how many. Safe to repeat."""
    ahead = Workshop.objects.filter(cohort=cohort, starts_at__gt=now).select_related(
        "cohort__municipality__calendar_policy", "cohort__programme_version"
    )
    are_on = ahead.filter(
        state=Workshop.State.SCHEDULED, cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.RUNNING]
    )
    are_off = ahead.filter(state=Workshop.State.CANCELLED)
    _withdraw(Message.objects.filter(workshop__in=ahead.order_by(), template=INVITATION, state=State.DUE))
    return sum(_invite(workshop, now) for workshop in are_on) + sum(_call_off(workshop, now) for workshop in are_off)


def _withdraw(waiting: QuerySet[Message]) -> None:
    """Nobody is invited any more who has left, or to what has been called off as a whole."""
    over = waiting.filter(enrolment__cohort__state__in=[Cohort.State.CANCELLED, Cohort.State.ARCHIVED])
    over.update(state=State.CANCELLED, reason="cohort_cancelled")
    waiting.exclude(enrolment__state__in=INVITED).update(state=State.CANCELLED, reason="not_enrolled")


@transaction.atomic
def _invite(workshop: Workshop, now: datetime) -> int:
    """A REQUEST for everybody who has none of this sequence; an older one that has not left yet gives way.

    Nothing for those whose calendar says it already, because it was moved back before they heard of the move.
    """
    key = _key(workshop, INVITATION)
    of_workshop = Message.objects.filter(workshop=workshop, template=INVITATION)
    enrolments = Enrolment.objects.filter(cohort=workshop.cohort, state__in=INVITED)
    missing = list(enrolments.exclude(messages__occurrence_key=key).select_related("person"))
    older = of_workshop.exclude(occurrence_key=key)
    if not (missing and older.exists()):
        return _write(_message(workshop, enrolment, INVITATION, _first_due(workshop, now)) for enrolment in missing)
    # What is on its way just now may tell of the old time or the new one: never taken for known.
    older.filter(state=State.CLAIMED).update(event_digest="")
    replaced = older.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
    knowing = _who_knows(of_workshop, workshop)
    rows = [_message(workshop, one, INVITATION, _first_due(workshop, now)) for one in missing if one.pk not in knowing]
    _debounce(rows, workshop, now)
    return replaced + _write(rows)


def _who_knows(requests: QuerySet[Message], workshop: Workshop) -> set[UUID]:
    """The enrolments whose latest REQUEST on its way or arrived tells of the time and place that now stand."""
    latest = dict(requests.filter(MAY_ARRIVE).order_by("created_at").values_list("enrolment", "event_digest"))
    return {enrolment for enrolment, digest in latest.items() if digest == _digest(workshop)}


def _digest(workshop: Workshop) -> str:
    facts = (workshop.starts_at, workshop.ends_at, workshop.place, workshop.link)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _write(rows: Iterable[Message]) -> int:
    return len(Message.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True))


def waits_for_a_sender(cohort: Cohort, now: datetime) -> bool:
    """Whether a REQUEST for a workshop that is off is still on its way: only then is it known if a CANCEL follows."""
    off = Q(workshop__cohort=cohort, workshop__state=Workshop.State.CANCELLED, workshop__starts_at__gt=now)
    on_its_way = Q(state=State.CLAIMED) | Q(state=State.DUE, maybe_sent=True)
    return Message.objects.filter(off, on_its_way, template=INVITATION).exists()


@transaction.atomic
def _call_off(workshop: Workshop, now: datetime) -> int:
    """A CANCEL for those who may have a REQUEST, once those on their way have settled; the others never hear of it."""
    requests = Message.objects.filter(workshop=workshop, template=INVITATION)
    requests.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="event_cancelled")
    requests.filter(state=State.CLAIMED).update(cancel_asked=True)
    told = Enrolment.objects.filter(messages__in=requests.filter(MAY_HAVE_ARRIVED)).distinct()
    missing = told.exclude(messages__occurrence_key=_key(workshop, CANCELLATION)).select_related("person")
    return _write(_message(workshop, enrolment, CANCELLATION, now) for enrolment in missing)


def _key(workshop: Workshop, template: str) -> str:
    return f"{workshop.pk}:{workshop.ics_sequence}:{template}:0"


def _first_due(workshop: Workshop, now: datetime) -> datetime:
    """Now, but not before people may be written to at all (MODEL I12), and in an open slot."""
    cohort = workshop.cohort
    calendar, tzid = calendar_of(cohort), cohort.municipality.timezone
    earliest = datetime.combine(cohort.starts_on - BEFORE_START, calendar.default_send_time)
    local = to_local(now, tzid)
    return now if local >= earliest else to_utc(calendar.next_slot(earliest), tzid)


def _debounce(rows: list[Message], workshop: Workshop, now: datetime) -> None:
    latest = workshop.starts_at - NOT_LATER if workshop.starts_at else now
    for row in rows:
        row.not_before = max(now, min(now + DEBOUNCE, latest))


def _message(workshop: Workshop, enrolment: Enrolment, template: str, due_at: datetime) -> Message:
    cohort = workshop.cohort
    tzid = cohort.municipality.timezone
    return Message(
        enrolment=enrolment,
        person=enrolment.person,
        kind=Message.Kind.EVENT,
        template=template,
        template_version=cohort.programme_version.digest,
        occurrence_key=_key(workshop, template),
        channel=Message.Channel.CALENDAR,
        workshop=workshop,
        event_digest=_digest(workshop),
        priority=Message.EVENT_CHANGE,
        local_at=to_local(due_at, tzid).replace(tzinfo=UTC),
        tzid=tzid,
        due_at=due_at,
        expires_at=workshop.starts_at or due_at,
    )
