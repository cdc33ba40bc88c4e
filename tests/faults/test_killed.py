"""Senders are killed outright, at any instant and at every step (DELIVERY §12: K1, K2)."""

import time

from courseplatform.outbox.models import WeeklyCount
from courseplatform.outbox.sending.steps import NAMES
from tests.faults.counts import IS_FULL, dice, often, say
from tests.faults.proxy import FaultProxy, wait
from tests.faults.world import UNHURRIED

AFTER_THE_DOT = {"after_dot", "after_250"}


def test_k1_a_sender_killed_at_any_instant_costs_one_flagged_duplicate_at_most(world):
    kills, messages = often(200), 20_000 if IS_FULL else 1_000
    chance = dice()
    world.add_messages(messages)
    at_work = [world.start(lease=UNHURRIED) for _ in range(2)]

    for number in range(kills):
        progress = (messages - 2 * kills) * (number + chance.random()) // kills  # each kill leaves one that waits
        world.wait_for_mails(progress)
        time.sleep(chance.uniform(0, 0.01))
        unlucky = chance.randrange(2)
        world.kill(at_work[unlucky])
        at_work[unlucky] = world.start(lease=UNHURRIED)
    world.finish()

    tally = world.tally()
    say(f"K1: {kills} kills, {tally}")
    assert (tally.lost, tally.unflagged, tally.unknown, tally.states) == (0, 0, 0, {"sent": messages})
    assert tally.duplicates <= kills
    assert list(WeeklyCount.objects.values_list("mails", flat=True).distinct()) == [1]


def test_k2_only_a_sender_killed_after_the_dot_repeats_one_mail(world):
    rounds = often(20)
    with FaultProxy(world.sink.port) as slow_relay:
        slow_relay.spoil("rcpt", wait(1))  # so that there is a heartbeat before the batch is sent
        ways = {"in_heartbeat": {"lease": 2, "relay_port": slow_relay.port}}
        killed_at = {step: [killed(world, step, **ways.get(step, {})) for _ in range(rounds)] for step in NAMES}
    world.drain()

    for step, batches in killed_at.items():
        for messages in batches:
            tally = world.tally(messages)
            assert (tally.lost, tally.unflagged, tally.states) == (0, 0, {"sent": len(messages)}), step
            assert tally.duplicates == (1 if step in AFTER_THE_DOT else 0), step
    assert world.tally().unknown == 0


def killed(world, step, **orders):
    messages = world.add_messages(3)
    world.start_and_stop_at(step, **({"lease": UNHURRIED} | orders)).kill()
    return messages
