"""Which calendar mail a cohort gets: one message per seat and sequence of a workshop, and what its groups get."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, GroupMeeting, Substitution, Workshop
from courseplatform.cohorts.transitions.waiting_list import fill
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.calendar_mail import ARE_ON, INVITED, call_off, invite
from courseplatform.outbox.planning.entries import (
    DEBOUNCE,
    STOPPED,
    Holder,
    entry,
    first_due,
    held,
    key_of,
    next_sequence,
    were_stopped,
    write,
)
from courseplatform.outbox.planning.leavers import came_back, tell_leavers
from courseplatform.outbox.planning.meeting_invitations import meetings_ahead, plan_meetings
from courseplatform.outbox.planning.seats import pass_on, stays_of
from courseplatform.outbox.sending.objections import key_of_free_seat
from courseplatform.outbox.writing.event_templates import INVITATION, REQUESTS, SEAT_FREE
from courseplatform.outbox.writing.itip import calendar_file

__all__ = ["DEBOUNCE", "INVITATION", "INVITED", "calendar_file", "plan_invitations", "waits_for_a_sender"]

State = Message.State


@transaction.atomic
def plan_invitations(cohort: Cohort, now: datetime) -> int:
    """Writes the calendar messages that one cohort still lacks and returns how many. Safe to repeat.

    What somebody else is changing at this moment is left to the next look.
    """
    workshops, meetings = _workshops_ahead(cohort, now), meetings_ahead(cohort, now)
    events = Message.objects.filter(Q(workshop__in=workshops) | Q(meeting__in=meetings), enrolment__cohort=cohort)
    _withdraw(events.filter(template__in=REQUESTS, state=State.DUE))
    written = tell_leavers(events, [*workshops, *meetings], now)
    return written + _plan_workshops(workshops, now) + plan_meetings(cohort, meetings, now)


def _workshops_ahead(cohort: Cohort, now: datetime) -> list[Workshop]:
    """The nearest first; held."""
    ahead = Workshop.objects.filter(cohort=cohort, starts_at__gt=now)
    related = ("cohort__municipality__calendar_policy", "cohort__programme_version")
    ahead = ahead.select_related(*related).defer("cohort__programme_version__snapshot")
    return held(ahead.order_by("starts_at", "pk"))


def _plan_workshops(ahead: list[Workshop], now: datetime) -> int:
    are_on = [one for one in ahead if one.state == Workshop.State.SCHEDULED and one.cohort.state in ARE_ON]
    are_off = [one for one in ahead if one.state == Workshop.State.CANCELLED]
    return sum(_invite(workshop, now) for workshop in are_on) + sum(call_off(workshop, now) for workshop in are_off)


def _withdraw(waiting: QuerySet[Message]) -> None:
    """Nobody is invited any more who has left, or to what has been called off as a whole."""
    over = waiting.filter(enrolment__cohort__state__in=[Cohort.State.CANCELLED, Cohort.State.ARCHIVED])
    over.update(state=State.CANCELLED, reason="cohort_cancelled")
    waiting.exclude(enrolment__state__in=INVITED).update(state=State.CANCELLED, reason="not_enrolled")


@transaction.atomic
def _invite(workshop: Workshop, now: datetime) -> int:
    """A REQUEST for everybody who has a seat and none of this sequence, a CANCEL for who has passed theirs on."""
    if workshop.seats is not None and fill(workshop, now=now):
        workshop.refresh_from_db(fields=["ics_sequence"])
    stays = stays_of(workshop)
    written = pass_on(workshop, stays, now) + _tell_next_in_line(workshop, now)
    missing = _without_request(workshop, stays)
    if came_back(workshop, missing) or were_stopped(workshop, missing):
        next_sequence(workshop, now)
        missing = _without_request(workshop, stays)
    return written + invite(workshop, missing, now)


def _without_request(workshop: Workshop, stays: list[Substitution]) -> list[Holder]:
    """The holders of seats whose REQUEST of this sequence is not written yet."""
    enrolments = Enrolment.objects.filter(cohort=workshop.cohort, state__in=INVITED)
    lent = {stay.enrolment_id: stay for stay in stays if stay.state == Substitution.State.STANDS}
    written = Message.objects.filter(~STOPPED, workshop=workshop)
    have = written.filter(occurrence_key=key_of(workshop, INVITATION)).values("enrolment")
    own = enrolments.exclude(pk__in=have).select_related("person")
    missing = [Holder(one, one.person) for one in own if one.pk not in lent]
    if lent:
        keys = set(written.filter(enrolment__in=list(lent)).values_list("occurrence_key", flat=True))
        others = [Holder.of(stay) for stay in lent.values() if stay.enrolment.state in INVITED]
        missing += [one for one in others if key_of(workshop, INVITATION, one.seat) not in keys]
    return missing


def _tell_next_in_line(workshop: Workshop, now: datetime) -> int:
    """A REQUEST that says so, once for each time that somebody's waiting has ended."""
    if workshop.seats is None:
        return 0
    given = workshop.attendances.filter(response=Attendance.Response.ACCEPTED, seat_given_at__isnull=False)
    rows = []
    for attendance in given.filter(enrolment__state__in=INVITED).select_related("enrolment__person"):
        holder = Holder(attendance.enrolment, attendance.enrolment.person)
        key = key_of_free_seat(workshop.pk, attendance.seat_given_at or now)
        rows.append(entry(workshop, holder, SEAT_FREE, key, first_due(workshop, now)))
    return write(rows)


def waits_for_a_sender(cohort: Cohort, now: datetime) -> bool:
    """Whether a REQUEST is still on its way that nobody should have: only then is it known if a CANCEL follows."""
    ahead = Q(workshop__starts_at__gt=now) | Q(meeting__starts_at__gt=now)
    is_off = Q(workshop__state=Workshop.State.CANCELLED) | Q(meeting__state=GroupMeeting.State.CANCELLED)
    on_its_way = Q(state=State.CLAIMED) | Q(state=State.DUE, maybe_sent=True)
    requests = Message.objects.filter(ahead, on_its_way, enrolment__cohort=cohort, template__in=REQUESTS)
    return requests.filter(is_off | Q(cancel_asked=True)).exists()
