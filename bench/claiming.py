"""Claims and settles: rows a second through the product's own code, and how much rows cost that are not due."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.measuring import Result, rates, seconds, together, within
from bench.messages import add_later, all_due_again, run, world
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.claiming import BATCH, ON_POSTGRESQL, claim, close, settle
from tests import database_clones
from tests.faults.world import TUESDAY
from worker.ticks import dispatch_tick, now

DUE = 20_000
LATER, IDLE, MANY = 2_000_000, (10_000, 1_000_000), 10_000_000
CLAIMERS = 4
UNIT = "rows/s"
PLACES = "UPDATE outbox_message SET claim_pos = array_position(%(ids)s, id) WHERE id = ANY(%(ids)s)"
SETTLE = """UPDATE outbox_message SET claim = NULL, claim_pos = NULL, state = 'sent', sent_at = %(now)s
    WHERE claim = %(claim)s AND id = ANY(%(ids)s)"""
MADE = "INSERT INTO outbox_claim (worker, made_at, lease_until, open) VALUES ('bare', now(), now(), true) RETURNING id"
CLOSED = "UPDATE outbox_claim SET open = false WHERE id = %(claim)s"


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here:
        here.add_messages(DUE)
        yield rates(
            "claim and settle a batch, one worker; bare driver, same SQL",
            lambda: _speed(_claim_and_settle),
            lambda: _speed(_bare),
            unit=UNIT,
            target=0.6,
        )
        yield rates(
            "claim and settle, four workers; one worker",
            lambda: _speed_together(CLAIMERS),
            lambda: _speed_together(1),
            unit=UNIT,
            target=2,
        )
        all_due_again()
        crowds = (*IDLE, MANY) if is_full else IDLE
        yield from _idle(crowds)
        yield _beside_many(MANY if is_full else LATER, there=crowds[-1])


# --- How fast ---------------------------------------------------------------------------------------------------------
def _claim_and_settle() -> None:
    while lease := claim(TUESDAY):
        ids = Message.objects.filter(claim=lease.claim, state="claimed").values_list("pk", flat=True)
        assert settle(lease.claim, ids, state="sent", sent_at=TUESDAY) == lease.size
        close(lease)


def _bare() -> None:
    """What the two do to the database, by hand."""
    url = database_clones.databases().url(connection.settings_dict["NAME"])
    with psycopg.connect(url) as bare:
        while rows := _bare_claim(bare):
            bare.execute(SETTLE, rows)
            bare.execute(CLOSED, rows)
            bare.commit()


def _bare_claim(bare: psycopg.Connection) -> dict:
    values = {"now": TUESDAY, "priority": 2, "batch": BATCH, "claim": bare.execute(MADE).fetchone()[0]}
    values["ids"] = [pk for pk, _due_at in bare.execute(ON_POSTGRESQL, values).fetchall()]
    bare.execute(PLACES, values)
    bare.commit()
    return values if values["ids"] else {}


def _speed(work: object) -> float:
    all_due_again()
    taken = seconds(work)
    assert _sent() == DUE
    return DUE / taken


def _speed_together(count: int) -> float:
    """Nobody gets a row that somebody else has: each asserts that it settled as many as it claimed."""
    all_due_again()
    taken = together(count, _claim_and_settle)
    assert _sent() == DUE
    return DUE / taken


def _sent() -> int:
    return run("SELECT COUNT(*) FROM outbox_message WHERE state = 'sent'")[0][0]


# --- What is not due --------------------------------------------------------------------------------------------------
def _beside_many(later: int, *, there: int) -> Result:
    """Two databases, alike but for the rows that are not due; measured in turns."""
    crowded = connection.settings_dict["NAME"]
    with world() as here:
        here.add_messages(DUE)
        alone = connection.settings_dict["NAME"]

        def speed_in(name: str) -> float:
            database_clones.point_at(name)
            return _speed(_claim_and_settle)

        database_clones.point_at(crowded)
        add_later(later - there)
        found = rates(
            f"claim and settle beside {later:,} rows that are not due; beside none",
            lambda: speed_in(crowded),
            lambda: speed_in(alone),
            unit=UNIT,
            target=0.9,
        )
        database_clones.point_at(alone)
        return found


# --- When nothing is due ----------------------------------------------------------------------------------------------
def _idle(crowds: tuple[int, ...]) -> Iterator[Result]:
    """A dispatch tick that finds nothing, beside few rows and beside many."""
    before = 0
    for later in crowds:
        add_later(later - before)
        before = later
        yield within(f"idle tick beside {later:,} rows that are not due", _ticks(), 5, unit="ms")
    with CaptureQueriesContext(connection) as asked:
        _tick()
    yield within("idle tick, what it asks", [len(asked)], 3, unit="queries")


def _ticks() -> list[float]:
    _tick()
    return [seconds(_tick) * 1000 for _ in range(100)]


def _tick() -> None:
    """As the worker rings it: what time is it, and what is due at an hour when nothing is?"""
    now()
    assert dispatch_tick(TUESDAY - timedelta(hours=1)) == 0
