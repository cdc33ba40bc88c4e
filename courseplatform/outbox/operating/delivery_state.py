"""How the delivery stands at an instant, read from the rows: a few index probes, however many messages there are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from courseplatform.outbox.models import Claim, Message, Pulse

State = Message.State
TICKS = {"plan": "planned_at", "dispatch": "dispatched_at", "reap": "reaped_at"}
LATE = {
    Message.EVENT_CHANGE: timedelta(minutes=5),
    Message.EVENT_REMINDER: timedelta(minutes=5),
    Message.THE_REST: timedelta(minutes=30),
}


@dataclass(frozen=True)
class Queue:
    """What waits of one priority. `since` is when the oldest that is due might have gone (UTC)."""

    priority: int
    waiting: int
    since: datetime | None
    planned_until: datetime | None

    def lag(self, now: datetime) -> timedelta:
        return now - self.since if self.since else timedelta()

    def is_late(self, now: datetime) -> bool:
        """Later than an operator should put up with (DELIVERY §11)."""
        return self.lag(now) > LATE[self.priority]


def queues(now: datetime) -> list[Queue]:
    """One of each priority, the most urgent first. Two queries each."""
    return [_queue(now, priority) for priority in Message.PRIORITIES]


def _queue(now: datetime, priority: int) -> Queue:
    might_have_gone = Greatest("due_at", Coalesce("not_before", "due_at"))
    due = Message.objects.due(now, priority).aggregate(waiting=Count("pk"), since=Min(might_have_gone))
    ahead = Message.objects.filter(state=State.DUE, priority=priority).aggregate(until=Max("due_at"))["until"]
    return Queue(priority, due["waiting"], due["since"], ahead)


def late_priorities(now: datetime) -> Iterator[int]:
    """The priorities of which something waits too long. One index probe each, and no counting."""
    for priority, limit in LATE.items():
        if Message.objects.due(now - limit, priority).exists():
            yield priority


def planned_until(found: list[Queue]) -> datetime | None:
    """When the last message that is already a row is due (UTC)."""
    return max((queue.planned_until for queue in found if queue.planned_until), default=None)


def ages(now: datetime, pulse: Pulse | None) -> dict[str, timedelta | None]:
    """How long ago each tick was heard of; None for one that never was."""
    stamps = {name: getattr(pulse, field, None) for name, field in TICKS.items()}
    return {name: now - stamp if stamp else None for name, stamp in stamps.items()}


def open_claims() -> QuerySet[Claim]:
    """Batches in flight, the oldest first."""
    return Claim.objects.filter(open=True).order_by("made_at")


def in_need() -> QuerySet[Message]:
    """Held and failed: a person has to decide about each."""
    return Message.objects.filter(state__in=[State.HELD, State.FAILED])


def put_aside() -> QuerySet[Message, tuple[str, str, int, int]]:
    """State, reason, how many, and of how many it is not known whether they went. One query on a small index."""
    numbers = in_need().order_by().values("state", "reason").order_by("state", "reason")
    counted = numbers.annotate(number=Count("pk"), unsure=Count("pk", filter=Q(maybe_sent=True)))
    return counted.values_list("state", "reason", "number", "unsure")
