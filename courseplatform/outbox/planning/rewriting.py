"""Gives many rows their new values at once: a list of values to join with, so that it costs what the rows cost.

`bulk_update` writes a CASE per column with a branch per row, which grows with the square of the batch.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from courseplatform.outbox.models import Message

COLUMNS = ("id", "person_id", "template_version", "local_at", "tzid", "due_at", "expires_at", "state", "reason")
BATCH = 500
# Only what is still planning's to change: it waits for later, or nobody can have got it and it may come back.
REWRITE = """
    UPDATE outbox_message SET {assignments} FROM (VALUES {rows}) AS fresh
    WHERE outbox_message.id = fresh.column1 AND (
        (outbox_message.state = 'due' AND outbox_message.due_at > %s)
        OR (outbox_message.state IN ('suppressed', 'cancelled') AND outbox_message.reason IN ({reasons})
            AND NOT outbox_message.maybe_sent AND outbox_message.sent_at IS NULL))"""


def rewrite(messages: Sequence[Message], now: datetime, may_return: Sequence[str]) -> int:
    """Writes what planning decides of each message and returns how many rows changed. Call it inside a transaction."""
    if not messages:
        return 0
    in_order = sorted(messages, key=lambda one: one.pk)
    size = min(BATCH, connection.ops.bulk_batch_size(COLUMNS, in_order) or 1)
    batches = (in_order[start : start + size] for start in range(0, len(in_order), size))
    return sum(_rewrite(batch, now, may_return) for batch in batches)


def _rewrite(messages: Sequence[Message], now: datetime, may_return: Sequence[str]) -> int:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    statement = REWRITE.format(
        rows=", ".join([row] * len(messages)),
        assignments=", ".join(f"{name} = fresh.column{place}" for place, name in enumerate(COLUMNS[1:], start=2)),
        reasons=", ".join(["%s"] * len(may_return)),
    )
    values = [value for message in messages for value in _values(message)]
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, moment, *may_return])
        return int(cursor.rowcount)


def _values(message: Message) -> list[Any]:
    fields = [message._meta.get_field(column.removesuffix("_id")) for column in COLUMNS]
    return [field.get_db_prep_save(getattr(message, field.attname), connection) for field in fields]  # type: ignore[union-attr]
