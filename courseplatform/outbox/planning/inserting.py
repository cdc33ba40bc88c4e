"""A cohort's new messages as rows, at once: what many get alike is said once, and the database puts the names on.

`bulk_create` would make a `Message` for each row and prepare each of its values by itself: most of what planning costs.
Values that planning does not decide are the model's own defaults, the same for all.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from courseplatform.outbox.models import Message

Fields = dict[str, Any]  # of one row, by attname
INSERT = """
    INSERT INTO outbox_message ({columns})
    SELECT {values}
    FROM json_to_recordset(%s) AS new(mailing int, latest timestamptz, {given})
    JOIN UNNEST(%s::int[], %s::uuid[], %s::uuid[], %s::interval[]) AS who(mailing, enrolment_id, person_id, later)
        USING (mailing)
    ON CONFLICT DO NOTHING"""
OWN = {
    "id": "gen_random_uuid()",
    "enrolment_id": "who.enrolment_id",
    "person_id": "who.person_id",
    "due_at": "LEAST(new.due_at + who.later, new.latest)",
}


class Addressee(NamedTuple):
    """Whose row it is. Their mail leaves so much later than the first one's (DELIVERY §7)."""

    enrolment_id: UUID
    person_id: UUID
    later: timedelta


@dataclass(frozen=True)
class Mailing:
    """Rows that all of these get alike, by attname. `latest` is no column: nobody's is due after it."""

    rows: Sequence[Fields]
    addressees: Sequence[Addressee]


def insert(mailings: Sequence[Mailing], now: datetime) -> int:
    """Saves them, and returns how many are new; one that stands already is left alone (MODEL I11)."""
    if not mailings:
        return 0
    if connection.vendor == "postgresql":
        return _at_once(mailings, now)
    return len(Message.objects.bulk_create(_one_by_one(mailings), batch_size=500, ignore_conflicts=True))


def _one_by_one(mailings: Sequence[Mailing]) -> Iterator[Message]:
    for mailing in mailings:
        for enrolment_id, person_id, later in mailing.addressees:
            for row in mailing.rows:
                fields = {name: value for name, value in row.items() if name != "latest"}
                fields["due_at"] = min(row["due_at"] + later, row["latest"])
                yield Message(enrolment_id=enrolment_id, person_id=person_id, **fields)


def _at_once(mailings: Sequence[Mailing], now: datetime) -> int:
    rows = [{"mailing": number, **row} for number, one in enumerate(mailings) for row in one.rows]
    who = [(number, *addressee) for number, one in enumerate(mailings) for addressee in one.addressees]
    given = tuple(name for name in rows[0] if name not in ("mailing", "latest"))
    text = json.dumps(rows, default=str)  # instants and ids are read back from what `str` makes of them
    with connection.cursor() as cursor:
        cursor.execute(_statement(given), [*_defaults(given, now), text, *map(list, zip(*who, strict=True))])
        return int(cursor.rowcount)


@cache
def _statement(given: tuple[str, ...]) -> str:
    fields = {field.attname: field for field in Message._meta.concrete_fields}
    values = [OWN.get(name) or (f"new.{name}" if name in given else "%s") for name in fields]
    types = ", ".join(f"{name} {fields[name].db_type(connection)}" for name in given)
    return INSERT.format(columns=", ".join(fields), values=", ".join(values), given=types)


def _defaults(given: tuple[str, ...], now: datetime) -> Iterator[Any]:
    """What stands in all other columns, in their order."""
    instants = {"created_at": now, "updated_at": now}
    for field in Message._meta.concrete_fields:
        if field.attname not in (*given, *OWN):
            yield instants.get(field.attname, field.get_default())
