"""Who gets which calendar mail: one message per person and sequence of a workshop (MODEL §7 “moved”, “cancelled”)."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from courseplatform.cohorts.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.itip import calendar_file
from courseplatform.outbox.models import Message
from courseplatform.outbox.objections import BEFORE_START, CANCELLATION
from courseplatform.outbox.pacing import calendar_of

__all__ = ["INVITATION", "calendar_file", "plan_all_invitations", "plan_invitations"]

State = Message.State
INVITATION = "invitation"
DEBOUNCE = timedelta(minutes=10)  # moved back and forth: only the last word is sent
NOT_LATER = timedelta(hours=2)  # before the workshop, however often it is moved
INVITED = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE, Enrolment.State.PAUSED)
# From here on an entry may stand in somebody's calendar.
MAY_HAVE_ARRIVED = Q(state=State.SENT) | Q(maybe_sent=True)


def plan_invitations(cohort: Cohort, now: datetime) -> int:
    """Writes the calendar messages that one cohort still lacks and returns how many. Safe to repeat."""
    return _plan(Workshop.objects.filter(cohort=cohort), now)


def plan_all_invitations(now: datetime) -> int:
    """The same for every cohort."""
    return _plan(Workshop.objects.all(), now)


def _plan(workshops: QuerySet[Workshop], now: datetime) -> int:
    ahead = workshops.filter(starts_at__gt=now).select_related(
        "cohort__municipality__calendar_policy", "cohort__programme_version"
    )
    are_on = ahead.filter(
        state=Workshop.State.SCHEDULED, cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.RUNNING]
    )
    are_off = ahead.filter(state=Workshop.State.CANCELLED)
    return sum(_invite(workshop, now) for workshop in are_on) + sum(_call_off(workshop, now) for workshop in are_off)


@transaction.atomic
def _invite(workshop: Workshop, now: datetime) -> int:
    """A REQUEST for everybody who has none of this sequence; an older one that has not left yet gives way."""
    key = _key(workshop, INVITATION)
    of_workshop = Message.objects.filter(workshop=workshop, template=INVITATION)
    enrolments = Enrolment.objects.filter(cohort=workshop.cohort, state__in=INVITED)
    missing = enrolments.exclude(messages__occurrence_key=key).select_related("person")
    rows = [_message(workshop, enrolment, INVITATION, _first_due(workshop, now)) for enrolment in missing]
    if rows and of_workshop.exclude(occurrence_key=key).exists():
        _debounce(rows, workshop, now)
        of_workshop.filter(state=State.DUE).update(state=State.CANCELLED, reason="replaced")
    return len(Message.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def _call_off(workshop: Workshop, now: datetime) -> int:
    """A CANCEL for those who may have a REQUEST, once those on their way have settled; the others never hear of it."""
    requests = Message.objects.filter(workshop=workshop, template=INVITATION)
    requests.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="event_cancelled")
    requests.filter(state=State.CLAIMED).update(cancel_asked=True)
    told = Enrolment.objects.filter(messages__in=requests.filter(MAY_HAVE_ARRIVED)).distinct()
    missing = told.exclude(messages__occurrence_key=_key(workshop, CANCELLATION)).select_related("person")
    rows = [_message(workshop, enrolment, CANCELLATION, now) for enrolment in missing]
    return len(Message.objects.bulk_create(rows, ignore_conflicts=True))


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
        priority=Message.EVENT_CHANGE,
        local_at=to_local(due_at, tzid).replace(tzinfo=UTC),
        tzid=tzid,
        due_at=due_at,
        expires_at=workshop.starts_at or due_at,
    )
