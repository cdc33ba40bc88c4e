"""The machine is gone in the middle of it, database and all, and comes back (DELIVERY §12: K10)."""

import time

from django.db import connection

from tests.faults.counts import dice, often, say

SENDERS = 2


def test_k10_a_machine_that_dies_costs_each_sender_one_flagged_duplicate_at_most(own_world):
    deaths, messages = often(20), often(4000)
    chance = dice()
    own_world.add_messages(messages)

    for number in range(deaths):
        for _ in range(SENDERS):
            own_world.start()
        own_world.wait_for_mails(messages * (number + chance.random()) // (deaths + 1))
        time.sleep(chance.uniform(0, 0.01))
        connection.close()
        own_world.kill_machine()
    own_world.start()
    own_world.finish()

    tally = own_world.tally()
    say(f"K10: {deaths} deaths, {tally}")
    assert (tally.lost, tally.unflagged, tally.unknown, tally.states) == (0, 0, 0, {"sent": messages})
    assert tally.duplicates <= deaths * SENDERS
