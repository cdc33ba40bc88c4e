"""REQUEST and CANCEL for one event, a workshop or a group meeting: who lacks which (MODEL §7 “moved”, “cancelled”)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.waiting_list import free_seats
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.entries import (
    MAY_HAVE_ARRIVED,
    Event,
    Holder,
    about,
    debounce,
    entry,
    first_due,
    key_of,
    knows,
    latest_of,
    write,
)
from courseplatform.outbox.writing.event_templates import (
    CANCELLATION,
    GROUP_LEFT,
    INVITATION,
    MOVED,
    REQUESTS,
    SEAT,
    SEAT_BACK,
    SEAT_FREE,
    SEAT_GIVEN,
    SEAT_LOST,
)

State = Message.State
INVITED = (Enrolment.State.ACCEPTED, Enrolment.State.ACTIVE, Enrolment.State.PAUSED)
ARE_ON = (Cohort.State.ENROLLING, Cohort.State.RUNNING)


def invite(event: Event, missing: list[Holder], now: datetime) -> int:
    """A REQUEST for those who have none of this sequence; an older one that has not left yet gives way.

    Nothing for those whose calendar says it already, because it was moved back before they heard of the move.
    """
    requests = Message.objects.filter(template__in=REQUESTS, **about(event)).exclude(template=SEAT_FREE)
    older = requests.exclude(occurrence_key__startswith=key_of(event, INVITATION, ""))
    if not (missing and older.exists()):
        return write(_request(event, one, "", now) for one in missing)
    # What is on its way just now may tell of the old time or the new one: never taken for known.
    older.filter(state=State.CLAIMED).update(event_digest="")
    replaced = older.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")
    heard = latest_of(event)
    news = [one for one in missing if not knows(heard.get(one.pair), event)]
    rows = [_request(event, one, heard[one.pair].template if one.pair in heard else "", now) for one in news]
    debounce(rows, event, now)
    return replaced + write(rows)


def _request(event: Event, holder: Holder, heard: str, now: datetime) -> Message:
    """`heard` is the template of the latest mail that may have reached them."""
    first = SEAT if holder.is_colleague else INVITATION
    back = SEAT_BACK if heard == SEAT_GIVEN and _has_room(event, holder) else INVITATION
    template = {"": first, SEAT_GIVEN: back, SEAT_LOST: SEAT, GROUP_LEFT: INVITATION}.get(heard, MOVED)
    return entry(event, holder, template, key_of(event, INVITATION, holder.seat), first_due(event, now))


def _has_room(event: Event, holder: Holder) -> bool:
    """Whether a seat that came back is theirs, or anybody's; the next in line may have it by now."""
    free = free_seats(event, but_for=holder.enrolment) if isinstance(event, Workshop) else None
    return free is None or free > 0


def call_off(event: Event, now: datetime) -> int:
    """A CANCEL for those who may have a REQUEST, once those on their way have settled; the others never hear of it."""
    requests = Message.objects.filter(template__in=REQUESTS, **about(event))
    requests.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="event_cancelled")
    requests.filter(state=State.CLAIMED).update(cancel_asked=True)
    told = latest_of(event, only=MAY_HAVE_ARRIVED | Q(template=CANCELLATION))
    return cancel(event, (one.holder for one in told.values() if one.template in REQUESTS), CANCELLATION, now)


def cancel(event: Event, holders: Iterable[Holder], template: str, now: datetime) -> int:
    """A CANCEL for these; `template` says why. At once when it is off, else somebody may still change their mind."""
    rows = [entry(event, one, template, key_of(event, template, one.seat), now) for one in holders]
    if template != CANCELLATION:
        debounce(rows, event, now)
    return write(rows)
