"""From rules to rows: a cohort's first week of messages, beside the same rows inserted by the database alone."""

from collections.abc import Iterator
from datetime import timedelta

from bench.measuring import Result, rates, seconds
from bench.messages import run, world
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.turns import touch
from tests.faults.world import TUESDAY, World

PEOPLE = 2000
COPY = "CREATE UNLOGGED TABLE planned AS SELECT * FROM outbox_message"
INSERT = "INSERT INTO outbox_message SELECT * FROM planned ON CONFLICT DO NOTHING"


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here:
        here.add_messages(PEOPLE)
        Message.objects.all().delete()
        rows = _plan(here)
        run(COPY)
        yield rates(
            f"planning {rows:,} messages with zones and rolls; bare INSERT … SELECT",
            lambda: _speed(here, rows, lambda: plan(TUESDAY - timedelta(days=1))),
            lambda: _speed(here, rows, lambda: run(INSERT)),
            unit="rows/s",
            target=0.25,
        )


def _plan(here: World) -> int:
    touch([here.cohort.pk])
    plan(TUESDAY - timedelta(days=1))
    return Message.objects.count()


def _speed(here: World, rows: int, work: object) -> float:
    run("TRUNCATE outbox_message CASCADE")
    touch([here.cohort.pk])
    taken = seconds(work)
    assert Message.objects.count() == rows > 0
    return rows / taken
