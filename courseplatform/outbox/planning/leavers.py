"""Who has left the cohort loses the entries of what is to come, by one CANCEL each, where they may have one.

They get it although they take part in nothing any more (MODEL I12), for only a mail takes an entry out again. Whoever
has left the organisation with it, or is deactivated, gets none: no mail goes to an address that may be nobody's or
somebody else's by now (MODEL §7 “Person leaves”). A colleague who had their seat works here still, and is told.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from courseplatform.cohorts.models import Enrolment, GroupMeeting, GroupMembership, Substitution
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.calendar_mail import INVITED, cancel
from courseplatform.outbox.planning.entries import (
    MAY_ARRIVE,
    MAY_HAVE_ARRIVED,
    NOT_REPLACED,
    Event,
    Holder,
    about,
    latest_of,
    next_sequence,
)
from courseplatform.outbox.sending.objections import HAS_LEFT
from courseplatform.outbox.writing.event_templates import CANCELS, COHORT_LEFT, REQUESTS, SEAT_LOST

State = Message.State
GONE = (*HAS_LEFT, Enrolment.State.LEFT_ORGANISATION)


def tell_leavers(mails: QuerySet[Message], events: Iterable[Event], now: datetime) -> int:
    """Writes the CANCELs that people who have left still lack and returns how many rows changed. Safe to repeat.

    `mails` are those about these events, which are to come and held. Two queries where nobody has left.
    """
    theirs = mails.filter(enrolment__state__in=GONE, template__in=REQUESTS)
    theirs.filter(state=State.CLAIMED).update(cancel_asked=True)
    heard_of = set(theirs.filter(MAY_HAVE_ARRIVED).order_by().values_list(Coalesce("workshop", "meeting")).distinct())
    are_on = (one for one in events if one.state == one.State.SCHEDULED)
    return sum(_tell(event, now) for event in are_on if (event.pk,) in heard_of)


def _tell(event: Event, now: datetime) -> int:
    here = _holders(event)
    mails = Message.objects.filter(template=COHORT_LEFT, person__in=here, **about(event))
    back = mails.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
    leavers = [one for one in _leavers(event) if one.person.pk not in here]
    if not leavers:
        return back
    next_sequence(event, now)
    colleagues = [one for one in leavers if one.is_colleague]
    participants = [one for one in leavers if not one.is_colleague]
    return back + cancel(event, participants, COHORT_LEFT, now) + cancel(event, colleagues, SEAT_LOST, now)


def _holders(event: Event) -> set[UUID]:
    """Who has the entry by right: they may have come back, or come in somebody's seat."""
    if isinstance(event, GroupMeeting):
        stays = GroupMembership.objects.filter(group=event.group_id, left_at=None, enrolment__state__in=INVITED)
        return set(stays.values_list("enrolment__person", flat=True))
    own = Enrolment.objects.filter(cohort=event.cohort_id, state__in=INVITED).values_list("person", flat=True)
    lent = Substitution.objects.filter(workshop=event, state=Substitution.State.STANDS, enrolment__state__in=INVITED)
    return {*own, *lent.filter(substitute__isnull=False).values_list("substitute", flat=True)}


def _leavers(event: Event) -> list[Holder]:
    """Who may still have the entry, has not been written to about that, and may be written to."""
    of_the_gone = Q(enrolment__state__in=GONE)
    heard = latest_of(event, only=MAY_HAVE_ARRIVED & of_the_gone)
    newest = latest_of(event, only=NOT_REPLACED & of_the_gone)
    unsaid = [pair for pair, one in heard.items() if one.template in REQUESTS and newest[pair].template in REQUESTS]
    return [heard[pair].holder for pair in unsaid if _works_here(heard[pair].holder)]


def _works_here(holder: Holder) -> bool:
    return holder.person.is_active and (holder.is_colleague or holder.enrolment.state in HAS_LEFT)


def came_back(event: Event, missing: Iterable[Holder]) -> bool:
    """Whether one of those who lack a REQUEST left the cohort before, and the entry with it. One query."""
    mails = Message.objects.filter(MAY_ARRIVE, template__in=[*REQUESTS, *CANCELS], **about(event))
    left = mails.filter(template=COHORT_LEFT, person__in={one.person.pk for one in missing}).values("person")
    last = dict(mails.filter(person__in=left).order_by("created_at").values_list("person", "template"))
    return COHORT_LEFT in last.values()
