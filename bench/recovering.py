"""A sender is killed in the middle of its batch: how long until others may have what it held."""

import time
from collections.abc import Iterator

from bench.measuring import Result, within
from bench.messages import all_due_again, world
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.reaping import reap
from tests.faults.world import World

MAILS, LEASE, TICK = 200, 4, 2  # seconds; in production 120 and 30


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here:
        here.add_messages(MAILS)
        taken = [_kill_and_wait(here) for _ in range(5)]
        here.kill_all()
    yield within(
        f"what a killed sender held is due again (lease {LEASE} s, reaper every {TICK} s)",
        taken,
        LEASE + TICK,
        unit="s",
    )


def _kill_and_wait(here: World) -> float:
    all_due_again()
    sender = here.start_and_stop_at("after_claim", lease=LEASE)
    sender.kill()
    began = time.monotonic()
    assert Message.objects.filter(state="claimed").exists()
    while Message.objects.filter(state="claimed").exists():
        time.sleep(TICK)
        reap(here.now())
    return time.monotonic() - began
