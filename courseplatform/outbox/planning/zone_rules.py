"""When a country changes its clocks: what waits keeps its wall time (MODEL S1, DELIVERY §7)."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from importlib.metadata import version
from uuid import UUID

from django.conf import settings

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.planning.rows import spread
from courseplatform.outbox.planning.turns import touch

INSTALLED = version("tzdata")
BATCH = 500
QUARTER = timedelta(minutes=15)  # no zone in use differs from another by less
LARGEST_CHANGE = timedelta(hours=3)


def follow(pulse: Pulse) -> int:
    """After a new version of tzdata: every waiting message at its own wall time again. How many were moved.

    Safe to repeat, and to break off. Costs nothing while the rules are the same.
    """
    if pulse.zone_rules == INSTALLED:
        return 0
    moved = sum(_move(batch) for batch in _waiting())
    touch(Cohort.objects.alive().values_list("pk", flat=True))
    Pulse.objects.filter(pk=pulse.pk).update(zone_rules=INSTALLED)
    return moved


def _waiting() -> Iterator[list[Message]]:
    """Batches of what no sender has had in hand: what a sender has put off has a time of its own."""
    last = UUID(int=0)
    untouched = Message.objects.filter(state=Message.State.DUE, tries=0, crashes=0).order_by("pk")
    while batch := list(untouched.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _move(batch: list[Message]) -> int:
    shifted = [(message, _shift(message)) for message in batch]
    moved = [Message(pk=message.pk, due_at=message.due_at - shift) for message, shift in shifted if shift]
    waits = Message.objects.filter(state=Message.State.DUE, tries=0, crashes=0)
    return waits.bulk_update(moved, ["due_at"]) if moved else 0


def _shift(message: Message) -> timedelta:
    """How far off its wall time it would go; nothing unless only other rules can explain it."""
    planned = to_utc(message.local_at.astimezone(UTC).replace(tzinfo=None), message.tzid)
    late = message.due_at - planned
    shift = late - spread(message.person_id)
    is_as_planned = timedelta() <= late <= timedelta(seconds=settings.SEND_SPREAD)
    return timedelta() if is_as_planned or shift % QUARTER or abs(shift) > LARGEST_CHANGE else shift
