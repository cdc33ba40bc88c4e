"""The last look before a message leaves: the world may have changed since it was planned (MODEL I12, DELIVERY §6)."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Attendance, Cohort, GroupMembership
from courseplatform.outbox.models import BackOff, Message
from courseplatform.outbox.planning.entries import MAY_HAVE_ARRIVED
from courseplatform.outbox.sending.claiming import Lease, settle
from courseplatform.outbox.sending.objections import Objection, Occurrence, objection, occurrence
from courseplatform.outbox.sending.postponing import mail_of, may_leave
from courseplatform.outbox.writing.event_templates import REQUESTS

log = logging.getLogger(__name__)
Kind, State = Message.Kind, Message.State
SLICE = 100  # looked at together; after two seconds what is left of it is looked at again
MERGEABLE = (Kind.CONVERSATION, Kind.REMINDER, Kind.SURVEY, Kind.PROMPT)  # in the class order of MODEL P5
A_DAY = timedelta(days=1)


@dataclass
class Group:
    """One mail: the message that carries it, and those of the same person and day that travel along (MODEL P6)."""

    lead: Message
    others: list[Message] = field(default_factory=list)

    @property
    def messages(self) -> list[Message]:
        return [self.lead, *self.others]


class CannotBeJudged(Exception):
    """Whatever is wrong with one message, or with how we judge them all: somebody must settle it."""

    def __init__(self, message: Message, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.message = message


def admit(lease: Lease, now: datetime) -> list[Group] | None:
    """What may leave now of the batch's next slice, in sending order; None when the batch is at its end.

    Everything else in the slice is settled: held back with its reason, or put off to a later time. Raises
    CannotBeJudged when that goes wrong with the very next message.
    """
    try:
        return _admit(lease, now, SLICE)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, the others go on
        log.error("A slice of claim %s is looked at one by one: %s", lease.claim, type(error).__name__)
        return _admit_one(lease, now)


def _admit_one(lease: Lease, now: datetime) -> list[Group] | None:
    """The batch's next message alone."""
    try:
        return _admit(lease, now, 1, alone=True)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        [message] = _next_slice(lease, 1)
        raise CannotBeJudged(message, error) from error


@transaction.atomic
def _admit(lease: Lease, now: datetime, size: int, *, alone: bool = False) -> list[Group] | None:
    messages = _next_slice(lease, size)
    if not messages:
        return None
    if not alone:
        messages += _companions(lease, messages, now)
    admitted = may_leave(lease, _without_objections(lease, messages, now), now)
    return _in_sending_order(lease, merged(admitted))


def is_still_wanted(lease: Lease, group: Group, now: datetime) -> bool:
    """Whether nothing has happened since that speaks against this mail, to any of its messages. Changes nothing."""
    mine = Message.objects.filter(pk__in=[message.pk for message in group.messages], claim=lease.claim)
    messages = list(whole(mine))
    answered = _answered(messages)
    return len(messages) == len(group.messages) and not any(objection(one, now, answered) for one in messages)


def whole(messages: QuerySet[Message]) -> QuerySet[Message]:
    """With all that admitting and composing read of a message, in two queries: many messages share few cohorts."""
    cohorts = Cohort.objects.select_related("municipality__calendar_policy", "owner_hr")
    latest = BackOff.objects.filter(person=OuterRef("person")).order_by("-began_at").values("quiet_until")[:1]
    stays = GroupMembership.objects.filter(enrolment=OuterRef("enrolment"), left_at=None)
    is_in_it = Exists(stays.filter(group=OuterRef("meeting__group")))
    related = ("enrolment__person", "person__notification_preference", "workshop", "meeting__group")
    read = messages.select_related(*related).annotate(quiet_until=Subquery(latest), is_in_the_group=is_in_it)
    read = read.annotate(is_waiting=_is_waiting(), seated_since=_seated_since(), starts_as_told=_start_as_told())
    return read.prefetch_related(Prefetch("enrolment__cohort", cohorts))


def _is_waiting() -> Exists:
    return Exists(_answers().filter(response=Attendance.Response.WAITING))


def _seated_since() -> Subquery:
    """When somebody's waiting ended, while their yes stands."""
    return Subquery(_answers().filter(response=Attendance.Response.ACCEPTED).values("seat_given_at"))


def _answers() -> QuerySet[Attendance]:
    return Attendance.objects.filter(enrolment=OuterRef("enrolment"), workshop=OuterRef("workshop"))


def _start_as_told() -> Case:
    """When calendar mail's event begins by its reader's own calendar: a REQUEST expires when its event begins."""
    told = Message.objects.filter(MAY_HAVE_ARRIVED, template__in=REQUESTS).exclude(pk=OuterRef("pk"))
    theirs = told.filter(enrolment=OuterRef("enrolment"), person=OuterRef("person"))
    of_it = theirs.filter(Q(workshop=OuterRef("workshop")) | Q(meeting=OuterRef("meeting")))
    return Case(When(kind=Kind.EVENT, then=Subquery(of_it.order_by("-created_at").values("expires_at")[:1])))


def _next_slice(lease: Lease, size: int) -> list[Message]:
    claimed = Message.objects.filter(claim=lease.claim, state=State.CLAIMED)
    return list(whole(claimed).order_by("claim_pos", "pk")[:size])


def _companions(lease: Lease, messages: list[Message], now: datetime) -> list[Message]:
    """What else the same people are due today, taken into this batch: two the same day become one mail."""
    people = {message.person_id for message in messages if _is_mergeable(message)}
    have = [message.pk for message in messages]
    mine, free = Q(state=State.CLAIMED, claim=lease.claim), Q(state=State.DUE, due_at__lt=now + A_DAY)
    near = Message.objects.filter(mine | free, person__in=people, kind__in=MERGEABLE, channel=Message.Channel.EMAIL)
    near = near.filter(_may_join(messages))
    today = [message.pk for message in near.exclude(pk__in=have) if _is_due_on_the_day_of(now, message)]
    if not today:
        return []
    Message.objects.filter(pk__in=today, state=State.DUE).update(state=State.CLAIMED, claim=lease.claim)
    taken = list(whole(Message.objects.filter(pk__in=today, claim=lease.claim, state=State.CLAIMED)))
    _give_places(taken, messages)
    return taken


def _may_join(messages: list[Message]) -> Q:
    """A mail that may have gone out goes again as it was: with nobody new, and with nobody missing."""
    doubtful = [message for message in messages if message.maybe_sent]
    mails = {mail_of(message) for message in doubtful}
    is_new = Q(maybe_sent=False) & ~Q(person__in={message.person_id for message in doubtful})
    return is_new | Q(pk__in=mails) | Q(merged_into__in=mails)


def _give_places(newcomers: list[Message], messages: list[Message]) -> None:
    places = {message.person_id: message.claim_pos for message in reversed(messages)}
    for message in newcomers:
        message.claim_pos = places[message.person_id]
    Message.objects.bulk_update(newcomers, ["claim_pos"])


def _is_mergeable(message: Message) -> bool:
    return message.kind in MERGEABLE and message.channel == Message.Channel.EMAIL


def _is_due_on_the_day_of(now: datetime, message: Message) -> bool:
    return to_local(message.due_at, message.tzid).date() <= to_local(now, message.tzid).date()


def _without_objections(lease: Lease, messages: list[Message], now: datetime) -> list[Message]:
    answered = _answered(messages)
    found: dict[Objection | None, list[Message]] = defaultdict(list)
    for message in messages:
        found[objection(message, now, answered)].append(message)
    for against, losers in found.items():
        if against:
            _settle(lease, losers, state=against.state, reason=against.reason)
    return found[None]


def _answered(messages: list[Message]) -> set[Occurrence]:
    """Occurrences that need no follow-up. A conversation that was held is held for both."""
    follow_ups = [message for message in messages if message.is_follow_up]
    if not follow_ups:
        return set()
    settled = Q(answered_at__isnull=False) | Q(dismissed_at__isnull=False)
    of_them = Message.objects.filter(settled, enrolment__in={message.enrolment_id for message in follow_ups})
    return {occurrence(message) for message in of_them}


def merged(messages: list[Message]) -> list[Group]:
    """One mail for each person; one that may have gone out stays what it was."""
    groups: dict[object, Group] = {}
    for message in sorted(messages, key=_rank):
        key = mail_of(message) if message.maybe_sent or not _is_mergeable(message) else message.person_id
        if key in groups:
            groups[key].others.append(message)
        else:
            groups[key] = Group(message)
    return list(groups.values())


def _rank(message: Message) -> tuple[object, ...]:
    order = MERGEABLE.index(Kind(message.kind)) if message.kind in MERGEABLE else 0
    led = message.maybe_sent and message.merged_into_id is not None
    return led, order, message.due_at, message.pk


def _in_sending_order(lease: Lease, groups: list[Group]) -> list[Group]:
    """A whole group shares one place: a crash leaves all of its messages in doubt, and no others (DELIVERY §5)."""
    moved = []
    for group in groups:
        place = min(message.claim_pos or 0 for message in group.messages)
        strays = [message for message in group.messages if message.claim_pos != place]
        for message in strays:
            message.claim_pos = place
        moved += strays
    Message.objects.bulk_update(moved, ["claim_pos"])
    return sorted(groups, key=lambda group: (group.lead.claim_pos, group.lead.pk))


def _settle(lease: Lease, messages: Iterable[Message], **fields: object) -> None:
    settle(lease.claim, [message.pk for message in messages], merged_into=None, **fields)
