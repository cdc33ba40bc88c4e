"""A seat that passes from one to another: who had it loses the calendar entry, once, and only if they may have one."""

from datetime import datetime

from django.db.models import Q

from courseplatform.cohorts.models import Substitution, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.calendar_mail import INVITED, cancel
from courseplatform.outbox.planning.entries import MAY_HAVE_ARRIVED, Holder, Pair, latest_of
from courseplatform.outbox.writing.event_templates import CANCELS, REQUESTS, SEAT_GIVEN, SEAT_LOST

State = Message.State
PASSED_ON = (SEAT_GIVEN, SEAT_LOST)
IS_CANCEL = Q(template__in=CANCELS, state__in=(State.DUE, State.CLAIMED))


def stays_of(workshop: Workshop) -> list[Substitution]:
    """Colleagues who have or had the seat of somebody on the cohort, the oldest first. One query."""
    stays = Substitution.objects.filter(workshop=workshop, substitute__isnull=False, enrolment__state__in=INVITED)
    return list(stays.select_related("enrolment__person", "substitute").order_by("created_at"))


def pass_on(workshop: Workshop, stays: list[Substitution], now: datetime) -> int:
    """A CANCEL for those who do not have the seat any more; nothing for those who never heard of it."""
    if not stays:
        return 0
    holding, without = _sides(stays)
    mails = Message.objects.filter(workshop=workshop, enrolment__in=[stay.enrolment_id for stay in stays])
    for enrolment, person in without:
        theirs = mails.filter(enrolment=enrolment, person=person, template__in=REQUESTS)
        theirs.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
        theirs.filter(state=State.CLAIMED).update(cancel_asked=True)
    for enrolment, person in holding:
        back = mails.filter(enrolment=enrolment, person=person, template__in=PASSED_ON, state=State.DUE)
        back.filter(maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
    return _cancel(workshop, without, now)


def _sides(stays: list[Substitution]) -> tuple[set[Pair], set[Pair]]:
    """Who holds a seat that has ever changed hands, and who has held it."""
    had = {Holder.of(stay).pair for stay in stays} | {(stay.enrolment_id, stay.enrolment.person_id) for stay in stays}
    lent = {stay.enrolment_id: Holder.of(stay).pair for stay in stays if stay.state == Substitution.State.STANDS}
    own = {(stay.enrolment_id, stay.enrolment.person_id) for stay in stays if stay.enrolment_id not in lent}
    holding = {*lent.values(), *own}
    return holding, had - holding


def _cancel(workshop: Workshop, without: set[Pair], now: datetime) -> int:
    """What is on its way to them just now may be stopped yet: it is followed once it has settled."""
    heard = latest_of(workshop, only=MAY_HAVE_ARRIVED | IS_CANCEL)
    gone = [heard[pair].holder for pair in without if pair in heard and heard[pair].template in REQUESTS]
    colleagues = [one for one in gone if one.is_colleague]
    participants = [one for one in gone if not one.is_colleague]
    return cancel(workshop, colleagues, SEAT_LOST, now) + cancel(workshop, participants, SEAT_GIVEN, now)
