"""Who sends what: batches of due messages under a lease, and the settling that only its holder can do (DELIVERY §5)."""

import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from courseplatform.outbox.models import Claim, Message, Pulse
from courseplatform.outbox.operating import metrics
from courseplatform.outbox.sending.database_clock import boot_time, database_now
from courseplatform.outbox.sending.going_ahead import go_ahead, remember
from courseplatform.outbox.sending.steps import step

BATCH = 500
HEARTBEATS = 4  # in the length of a lease
SAFE = 75 / 120  # of a lease without a heartbeat, after which the holder must take itself for dead

IS_DUE = """state = 'due' AND priority = {priority} AND due_at <= %(now)s
          AND (not_before IS NULL OR not_before <= %(now)s)"""
# One probe of the index for each priority, whatever else lies in the table.
PROBE = "SELECT {priority} WHERE EXISTS (SELECT 1 FROM outbox_message WHERE {is_due})"
LOOK = " UNION ALL ".join(
    PROBE.format(priority=priority, is_due=IS_DUE.format(priority=priority)) for priority in Message.PRIORITIES
)
# Exactly this form: joined to a CTE it is planned on stale statistics after a bulk load and turns quadratic.
# SQLite has one writer (BEGIN IMMEDIATE), so there is nobody to skip and nothing to lock.
TAKE = """
    UPDATE outbox_message SET state = 'claimed', claim = %(claim)s
    WHERE id {is_in} (
        SELECT id FROM outbox_message
        WHERE {is_due}
        ORDER BY due_at, id LIMIT %(batch)s {lock}
    {end} RETURNING id, due_at"""
ITS = IS_DUE.format(priority="%(priority)s")
ON_POSTGRESQL = TAKE.format(is_in="= ANY(ARRAY", is_due=ITS, lock="FOR UPDATE SKIP LOCKED", end="))")
ON_SQLITE = TAKE.format(is_in="IN", is_due=ITS, lock="", end=")")


def lease_length() -> timedelta:
    """How long a sender that is not heard of keeps its batch."""
    return timedelta(seconds=settings.SEND_LEASE)


@dataclass
class Lease:
    """The right to send one batch until it is lost. `claim` is the fence: settling without it changes nothing."""

    claim: int
    size: int
    ahead: timedelta  # of this pass's time before the database's; nothing but in the demo and in tests
    beat: float  # boot time of the last good heartbeat
    is_catching_up: bool = False  # after a standstill
    is_lost: bool = False

    def is_safe(self) -> bool:
        """False once the reaper may have given the batch to somebody else: nothing more may be sent under it."""
        return not self.is_lost and boot_time() - self.beat < SAFE * settings.SEND_LEASE

    def keep_alive(self) -> None:
        """Extends the lease from now on, by the database's clock; or finds out that it is lost. Changes one row."""
        asked = boot_time()
        until = database_now() + self.ahead + lease_length()
        is_mine = Claim.objects.filter(pk=self.claim, open=True).update(lease_until=until, doubted_at=None)
        step("in_heartbeat")
        if is_mine:
            self.beat = asked
        else:
            self.is_lost = True


def claim(
    now: datetime, *, batch: int = BATCH, ahead: timedelta | None = None, due: list[int] | None = None
) -> Lease | None:
    """Takes what is due of the most urgent priority; None when nothing is, or while nothing may be sent.

    Two callers never get the same row. `ahead` is how far `now` was ahead of the database's clock when the pass began,
    `due` what `priorities_due` has just said, where the caller has asked.
    """
    priorities = priorities_due(now) if due is None else due
    pulse = go_ahead(now) if priorities else None
    if pulse is None:
        return None
    leases = (_claim(now, priority, batch, ahead, pulse) for priority in priorities)
    return next(filter(None, leases), None)


def priorities_due(now: datetime) -> list[int]:
    """The priorities of which something is due, the most urgent first. One query, and a cheap one."""
    return sorted(row[0] for row in _run(LOOK, {"now": _adapted(now)}))


@transaction.atomic
def _claim(now: datetime, priority: int, batch: int, ahead: timedelta | None, pulse: Pulse) -> Lease | None:
    asked, at = boot_time(), database_now()
    ahead = now - at if ahead is None else ahead
    row = Claim.objects.create(worker=worker_name(), made_at=now, lease_until=at + ahead + lease_length())
    taken = _take(row.pk, now, priority, batch)
    if not taken:
        row.delete()
        return None
    remember(row.pk, pulse, now)
    return Lease(row.pk, len(taken), ahead, asked, is_catching_up=pulse.catching_up_since is not None)


def _take(claim_id: int, now: datetime, priority: int, batch: int) -> list[UUID]:
    """The ids of the rows that are ours now, in sending order, with their places."""
    statement = ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE
    rows = _run(statement, {"claim": claim_id, "now": _adapted(now), "priority": priority, "batch": batch})
    ids = [UUID(str(pk)) for pk, _due_at in sorted(rows, key=lambda row: (row[1], str(row[0])))]
    _give_places(ids)
    return ids


def _give_places(ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            places = "UPDATE outbox_message SET claim_pos = array_position(%(ids)s, id) WHERE id = ANY(%(ids)s)"
            cursor.execute(places, {"ids": ids})
        else:
            one = "UPDATE outbox_message SET claim_pos = %s WHERE id = %s"
            cursor.executemany(one, [(place, pk.hex) for place, pk in enumerate(ids, start=1)])


def _run(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _adapted(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def settle(claim_id: int, ids: Iterable[UUID], **fields: Any) -> int:
    """Writes the outcome where the claim still holds; 0 means somebody else was faster, which is never an error."""
    done = Message.objects.filter(pk__in=list(ids), claim=claim_id).update(claim=None, claim_pos=None, **fields)
    if state := fields.get("state"):
        metrics.count_outcome(str(state), str(fields.get("reason", "")), done)
    return done


def release(lease: Lease) -> int:
    """Gives what is left of the batch back as it was, for anybody to send."""
    left = Message.objects.filter(claim=lease.claim, state=Message.State.CLAIMED)
    return left.update(state=Message.State.DUE, claim=None, claim_pos=None)


def close(lease: Lease) -> None:
    """The batch is finished: nothing of it may be left claimed."""
    Claim.objects.filter(pk=lease.claim).update(open=False)


def worker_name() -> str:
    """Who holds a claim, for an operator to read."""
    return f"{socket.gethostname()}:{os.getpid()}"[:120]
