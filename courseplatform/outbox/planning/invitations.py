"""Who gets which calendar mail: one message per seat and sequence of a workshop (MODEL §7 “moved”, “cancelled”)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, Substitution, Workshop
from courseplatform.cohorts.transitions.waiting_list import fill
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.entries import (
    DEBOUNCE,
    MAY_HAVE_ARRIVED,
    Holder,
    debounce,
    entry,
    first_due,
    key_of,
    knows,
    latest_of,
    write,
)
from courseplatform.outbox.planning.seats import pass_on, stays_of
from courseplatform.outbox.sending.objections import CANCELLATION
from courseplatform.outbox.writing.event_templates import (
    INVITATION,
    MOVED,
    REQUESTS,
    SEAT,
    SEAT_BACK,
    SEAT_FREE,
    SEAT_GIVEN,
    SEAT_LOST,
)
from courseplatform.outbox.writing.itip import calendar_file

__all__ = ["DEBOUNCE", "INVITATION", "INVITED", "calendar_file", "plan_invitations", "waits_for_a_sender"]

State = Message.State
INVITED = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE, Enrolment.State.PAUSED)


def plan_invitations(cohort: Cohort, now: datetime) -> int:
    """Writes the calendar messages that one cohort still lacks and returns how many. Safe to repeat."""
    ahead = Workshop.objects.filter(cohort=cohort, starts_at__gt=now).select_related(
        "cohort__municipality__calendar_policy", "cohort__programme_version"
    )
    are_on = ahead.filter(
        state=Workshop.State.SCHEDULED, cohort__state__in=[Cohort.State.ENROLLING, Cohort.State.RUNNING]
    )
    are_off = ahead.filter(state=Workshop.State.CANCELLED)
    _withdraw(Message.objects.filter(workshop__in=ahead.order_by(), template__in=REQUESTS, state=State.DUE))
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
    if workshop.seats is not None and fill(workshop, now=now):
        workshop.refresh_from_db(fields=["ics_sequence"])
    stays = stays_of(workshop)
    written = pass_on(workshop, stays, now) + _tell_next_in_line(workshop, now)
    missing = _without_request(workshop, stays)
    requests = Message.objects.filter(workshop=workshop, template__in=REQUESTS).exclude(template=SEAT_FREE)
    older = requests.exclude(occurrence_key__startswith=key_of(workshop, INVITATION, ""))
    if not (missing and older.exists()):
        return written + write(_request(workshop, one, "", now) for one in missing)
    # What is on its way just now may tell of the old time or the new one: never taken for known.
    older.filter(state=State.CLAIMED).update(event_digest="")
    replaced = older.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
    heard = latest_of(workshop)
    news = [one for one in missing if not knows(heard.get(one.pair), workshop)]
    rows = [_request(workshop, one, heard[one.pair].template if one.pair in heard else "", now) for one in news]
    debounce(rows, workshop, now)
    return written + replaced + write(rows)


def _without_request(workshop: Workshop, stays: list[Substitution]) -> list[Holder]:
    """The holders of seats whose REQUEST of this sequence is not written yet."""
    enrolments = Enrolment.objects.filter(cohort=workshop.cohort, state__in=INVITED)
    lent = {stay.enrolment_id: stay for stay in stays if stay.state == Substitution.State.STANDS}
    own = enrolments.exclude(messages__occurrence_key=key_of(workshop, INVITATION)).select_related("person")
    missing = [Holder(one, one.person) for one in own if one.pk not in lent]
    if lent:
        written = Message.objects.filter(workshop=workshop, enrolment__in=list(lent))
        keys = set(written.values_list("occurrence_key", flat=True))
        others = [Holder.of(stay) for stay in lent.values() if stay.enrolment.state in INVITED]
        missing += [one for one in others if key_of(workshop, INVITATION, one.seat) not in keys]
    return missing


def _request(workshop: Workshop, holder: Holder, heard: str, now: datetime) -> Message:
    """`heard` is the template of the latest mail that may have reached them."""
    first = SEAT if holder.is_colleague else INVITATION
    template = {"": first, SEAT_GIVEN: SEAT_BACK, SEAT_LOST: SEAT}.get(heard, MOVED)
    return entry(workshop, holder, template, key_of(workshop, INVITATION, holder.seat), first_due(workshop, now))


def _tell_next_in_line(workshop: Workshop, now: datetime) -> int:
    """A REQUEST that says so, once for each time that somebody's waiting has ended."""
    if workshop.seats is None:
        return 0
    given = workshop.attendances.filter(response=Attendance.Response.ACCEPTED, seat_given_at__isnull=False)
    rows = []
    for attendance in given.filter(enrolment__state__in=INVITED).select_related("enrolment__person"):
        holder = Holder(attendance.enrolment, attendance.enrolment.person)
        key = f"{workshop.pk}:{attendance.seat_given_at:%Y%m%dT%H%M%S%f}:{SEAT_FREE}:0"
        rows.append(entry(workshop, holder, SEAT_FREE, key, first_due(workshop, now)))
    return write(rows)


def waits_for_a_sender(cohort: Cohort, now: datetime) -> bool:
    """Whether a REQUEST is still on its way that nobody should have: only then is it known if a CANCEL follows."""
    ahead = Message.objects.filter(workshop__cohort=cohort, workshop__starts_at__gt=now, template__in=REQUESTS)
    is_off = Q(workshop__state=Workshop.State.CANCELLED) | Q(cancel_asked=True)
    on_its_way = Q(state=State.CLAIMED) | Q(state=State.DUE, maybe_sent=True)
    return ahead.filter(is_off, on_its_way).exists()


@transaction.atomic
def _call_off(workshop: Workshop, now: datetime) -> int:
    """A CANCEL for those who may have a REQUEST, once those on their way have settled; the others never hear of it."""
    requests = Message.objects.filter(workshop=workshop, template__in=REQUESTS)
    requests.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="event_cancelled")
    requests.filter(state=State.CLAIMED).update(cancel_asked=True)
    told = latest_of(workshop, only=MAY_HAVE_ARRIVED)
    rows = [_cancellation(workshop, one.holder, now) for one in told.values() if one.template in REQUESTS]
    return write(rows)


def _cancellation(workshop: Workshop, holder: Holder, now: datetime) -> Message:
    return entry(workshop, holder, CANCELLATION, key_of(workshop, CANCELLATION, holder.seat), now)
