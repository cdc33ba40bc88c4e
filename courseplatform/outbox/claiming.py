"""Who sends what: batches of due messages under a lease, and the settling that only its holder can do (DELIVERY §5)."""

import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.steps import step

BATCH = 500
LEASE = timedelta(seconds=settings.SEND_LEASE)
HEARTBEAT = settings.SEND_LEASE / 4  # seconds between two
SAFE = settings.SEND_LEASE * 75 / 120  # seconds without a good one after which the holder must take itself for dead

# Exactly this form: joined to a CTE it is planned on stale statistics after a bulk load and turns quadratic.
# SQLite has one writer (BEGIN IMMEDIATE), so there is nobody to skip and nothing to lock.
TAKE = """
    UPDATE outbox_message SET state = 'claimed', claim = %(claim)s
    WHERE id {is_in} (
        SELECT id FROM outbox_message
        WHERE state = 'due' AND priority = %(priority)s AND due_at <= %(now)s
          AND (not_before IS NULL OR not_before <= %(now)s)
        ORDER BY due_at, id LIMIT %(batch)s {lock}
    {end} RETURNING id"""
ON_POSTGRESQL = TAKE.format(is_in="= ANY(ARRAY", lock="FOR UPDATE SKIP LOCKED", end="))")
ON_SQLITE = TAKE.format(is_in="IN", lock="", end=")")


def boot_time() -> float:
    """Seconds that also pass while the machine sleeps, where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass
class Lease:
    """The right to send one batch until it is lost. `claim` is the fence: settling without it changes nothing."""

    claim: int
    now: datetime
    size: int
    began: float = field(default_factory=boot_time)
    beat: float = field(default_factory=boot_time)

    def is_safe(self) -> bool:
        """False once the reaper may have given the batch to somebody else: nothing more may be sent under it."""
        return boot_time() - self.beat < SAFE

    def keep_alive(self) -> None:
        """Extends the lease when half a minute has gone. One row, one statement."""
        if boot_time() - self.beat < HEARTBEAT:
            return
        until = self.now + timedelta(seconds=boot_time() - self.began) + LEASE
        if Claim.objects.filter(pk=self.claim, open=True).update(lease_until=until):
            self.beat = boot_time()
        step("in_heartbeat")


def claim(now: datetime, *, batch: int = BATCH) -> Lease | None:
    """Takes what is due of the most urgent priority; None when nothing is. Two callers never get the same row."""
    for priority in Message.PRIORITIES:
        if Message.objects.due(now, priority).exists() and (lease := _claim(now, priority, batch)):
            return lease
    return None


@transaction.atomic
def _claim(now: datetime, priority: int, batch: int) -> Lease | None:
    row = Claim.objects.create(worker=worker_name(), made_at=now, lease_until=now + LEASE)
    taken = _take(row.pk, now, priority, batch)
    if not taken:
        row.delete()
        return None
    ordered = Message.objects.filter(pk__in=taken).order_by("due_at", "pk").values_list("pk", flat=True)
    rows = [Message(pk=pk, claim_pos=position) for position, pk in enumerate(ordered)]
    Message.objects.bulk_update(rows, ["claim_pos"], batch_size=BATCH)
    return Lease(row.pk, now, len(taken))


def _take(claim_id: int, now: datetime, priority: int, batch: int) -> list[UUID]:
    statement = ON_POSTGRESQL if connection.vendor == "postgresql" else ON_SQLITE
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"claim": claim_id, "now": moment, "priority": priority, "batch": batch})
        return [UUID(str(row[0])) for row in cursor.fetchall()]


def settle(claim_id: int, ids: Iterable[UUID], **fields: Any) -> int:
    """Writes the outcome where the claim still holds; 0 means somebody else was faster, which is never an error."""
    return Message.objects.filter(pk__in=list(ids), claim=claim_id).update(claim=None, claim_pos=None, **fields)


def release(lease: Lease) -> int:
    """Gives what is left of the batch back as it was, for anybody to send."""
    left = Message.objects.filter(claim=lease.claim, state=Message.State.CLAIMED)
    return left.update(state=Message.State.DUE, claim=None, claim_pos=None, merged_into=None)


def close(lease: Lease) -> None:
    """The batch is finished."""
    Claim.objects.filter(pk=lease.claim).update(open=False)


def worker_name() -> str:
    """Who holds a claim, for an operator to read."""
    return f"{socket.gethostname()}:{os.getpid()}"[:120]
