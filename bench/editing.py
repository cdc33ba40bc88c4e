"""A workshop moves while a hundred thousand people are enrolled; beside a scheduler with an entry for each of them."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from django.db import transaction
from django.utils import translation

from bench.measuring import Result, durations, seconds, within
from bench.messages import run, world
from courseplatform.cohorts.models import Workshop
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import PlanningRequest
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.pacing import calendar_of
from tests.factories import WorkshopFactory
from tests.faults.world import TUESDAY

ENROLLED, IN_ONE_COHORT = 100_000, 25
ENTRIES, ALL_ENTRIES = 10_000, 100_000
COPY = """
    INSERT INTO {table} ({fields}, {own})
    SELECT {fields}, {values} FROM {rows}, (SELECT * FROM {table} LIMIT 1) AS one"""
AFTER = TUESDAY + timedelta(days=21)


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here, translation.override("da"):
        here.add_messages(IN_ONE_COHORT)
        _enrol(ENROLLED)
        moved = WorkshopFactory(cohort=here.cohort, starts_at=AFTER, ends_at=AFTER + timedelta(hours=6))
        plan(TUESDAY)
        move = _mover(moved)
        yield within("moving a workshop beside 100,000 enrolments", [move() for _ in range(21)], 50, unit="ms")
        yield within(
            "planning the moved cohort's messages again", [_plan_after(move) for _ in range(5)], 5000, unit="ms"
        )
        entries = ALL_ENTRIES if is_full else ENTRIES
        yield durations(
            f"moving a workshop; one beat entry changes among {entries:,}",
            move,
            lambda: _beat(entries),
            unit="ms",
            target=20,
        )


def _mover(workshop: Workshop) -> object:
    """Each call moves it another half hour, and says how many milliseconds that took its transaction."""
    halves = count(1)

    def move() -> float:
        row = Workshop.objects.select_related("cohort__municipality").get(pk=workshop.pk)
        later = AFTER + next(halves) * timedelta(minutes=1)
        slot = Slot(later, later + timedelta(hours=6), row.place, row.link)
        with transaction.atomic():
            return 1000 * seconds(lambda: workshops.move(row, slot, calendar=calendar_of(row.cohort), now=TUESDAY))

    return move


def _plan_after(move: object) -> float:
    move()
    assert PlanningRequest.objects.exists()
    return 1000 * seconds(lambda: plan(TUESDAY))


# --- A hundred thousand people ----------------------------------------------------------------------------------------
def _enrol(people: int) -> None:
    """Set-based: copies of one cohort, and of one person on it."""
    cohorts = people // IN_ONE_COHORT
    _copy("cohorts_cohort", cohorts, {"id": "md5('cohort' || number)::uuid"})
    _copy(
        "people_user",
        people,
        {"id": "md5('person' || number)::uuid", "email": "'many' || number || '@fjordby.example'"},
    )
    own = {
        "id": "gen_random_uuid()",
        "person_id": "md5('person' || number)::uuid",
        "cohort_id": f"md5('cohort' || (1 + number % {cohorts}))::uuid",
    }
    _copy("cohorts_enrolment", people, own)
    run("VACUUM ANALYZE")


def _copy(table: str, number: int, own: dict[str, str]) -> None:
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
    fields = ", ".join(f'"{name}"' for (name,) in run(asked, [table]) if name not in own)
    rows = f"generate_series(1, {number}) AS number"
    run(COPY.format(table=table, fields=fields, own=", ".join(own), values=", ".join(own.values()), rows=rows))


# --- An entry for each ------------------------------------------------------------------------------------------------
def _beat(entries: int) -> float:
    """Milliseconds that a scheduler with so many entries stands still when one of them changes."""
    app = Celery("entries", broker="memory://")
    with tempfile.TemporaryDirectory() as folder:
        scheduler = PersistentScheduler(app, schedule_filename=str(Path(folder) / "schedule"), lazy=True)
        scheduler.setup_schedule()
        scheduler.update_from_dict({f"person {one}": _entry(one, 8) for one in range(entries)})
        scheduler.sync()
        scheduler.populate_heap()

        def edit() -> None:
            scheduler.update_from_dict({"person 7": _entry(7, 9)})
            scheduler.populate_heap()
            scheduler.sync()

        taken = 1000 * seconds(edit)
        scheduler.close()
    return taken


def _entry(one: int, hour: int) -> dict:
    return {"task": "remind", "schedule": crontab(minute=one % 60, hour=hour), "args": (one,)}
