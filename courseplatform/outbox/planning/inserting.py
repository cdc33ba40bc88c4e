"""A cohort's new messages as rows, at once: PostgreSQL reads them from one JSON text, and nobody makes objects of them.

`bulk_create` would make a `Message` for each row and prepare each of its values by itself: most of what planning costs.
Values that planning does not decide are the model's own defaults, the same for all.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection

from courseplatform.outbox.models import Message

Fields = dict[str, Any]  # of one row, by attname; the same names in all
BATCH = 5000  # rows in one statement, about four megabytes
INSERT = """
    INSERT INTO outbox_message ({columns})
    SELECT {values} FROM json_to_recordset(%s) AS new({given}) ON CONFLICT DO NOTHING"""


def insert(rows: Iterable[Fields], now: datetime) -> int:
    """Saves them, and returns how many are new; one that stands already is left alone (MODEL I11)."""
    if connection.vendor == "postgresql":
        waiting = iter(rows)
        return sum(_at_once(batch, now) for batch in iter(lambda: list(islice(waiting, BATCH)), []))
    return len(Message.objects.bulk_create((Message(**row) for row in rows), batch_size=500, ignore_conflicts=True))


def _at_once(rows: list[Fields], now: datetime) -> int:
    names = tuple(rows[0])
    text = json.dumps(rows, default=str)  # instants and ids are read back from what `str` makes of them
    with connection.cursor() as cursor:
        cursor.execute(_statement(names), [*_defaults(names, now), text])
        return int(cursor.rowcount)


@cache
def _statement(names: tuple[str, ...]) -> str:
    fields = {field.attname: field for field in Message._meta.concrete_fields}
    values = ["gen_random_uuid()" if name == "id" else name if name in names else "%s" for name in fields]
    given = ", ".join(f"{name} {fields[name].db_type(connection)}" for name in names)
    return INSERT.format(columns=", ".join(fields), values=", ".join(values), given=given)


def _defaults(names: tuple[str, ...], now: datetime) -> Iterator[Any]:
    """What stands in all other columns, in their order."""
    instants = {"created_at": now, "updated_at": now}
    for field in Message._meta.concrete_fields:
        if field.attname not in (*names, "id"):
            yield instants.get(field.attname, field.get_default())
