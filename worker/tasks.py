"""Doorbells: each task only rings for its tick. No ids, no retries, no countdowns: the rows know what is due."""

from django.conf import settings

from worker import ticks
from worker.celery import app

# A pass, and the longest that a relay may take for one answer: what waits for that has already sent a mail.
LONGEST_PASS = 120 + settings.EMAIL_DOT_TIMEOUT


@app.task  # type: ignore[untyped-decorator]
def plan() -> None:
    ticks.plan_tick(ticks.now())


@app.task  # type: ignore[untyped-decorator]
def dispatch() -> None:
    """As many senders as there is work for. Who is not heard before the next dispatch is not needed any more."""
    for _ in range(ticks.dispatch_tick(ticks.now())):
        send_some.apply_async(expires=settings.DISPATCH_EVERY)


@app.task(soft_time_limit=LONGEST_PASS)  # type: ignore[untyped-decorator]
def send_some() -> None:
    ticks.send_some(ticks.now())


@app.task  # type: ignore[untyped-decorator]
def reap() -> None:
    ticks.reap_tick(ticks.now())
