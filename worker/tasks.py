"""Doorbells: each task only rings for its tick. No ids, no retries, no countdowns: the rows know what is due."""

from worker import ticks
from worker.celery import app


@app.task  # type: ignore[untyped-decorator]
def plan() -> None:
    ticks.plan_tick(ticks.now())


@app.task  # type: ignore[untyped-decorator]
def dispatch() -> None:
    ticks.send_tick(ticks.now())


@app.task  # type: ignore[untyped-decorator]
def reap() -> None:
    ticks.reap_tick(ticks.now())
