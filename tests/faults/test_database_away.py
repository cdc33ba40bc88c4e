"""The database breaks off, stands still or takes nothing; the senders need no hand (DELIVERY §12: K6, K9)."""

import time
from itertools import cycle, islice

import pytest
from django.db import connection

from courseplatform.outbox.models import Message
from tests.faults import hardships
from tests.faults.counts import IS_FULL, often, say

SENDERS = 2
FREEZE = 30 if IS_FULL else 2  # seconds


def cut_connections(server, name):
    server.cut_connections(name)


def stop_at_once(server, name):
    server.stop_at_once()
    server.start()


def stand_still(server, name):
    server.freeze()
    time.sleep(FREEZE)
    server.thaw()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite is a file: nothing there breaks off")
def test_k6_a_database_that_breaks_off_costs_each_sender_one_flagged_duplicate_at_most(own_server, own_world):
    senders = [own_world.start() for _ in range(SENDERS)]

    for break_off in islice(cycle([cut_connections, stop_at_once, stand_still]), often(30)):
        messages, already = own_world.add_messages(200), own_world.sink.count()
        own_world.wait_for_mails(already + 50)
        connection.close()
        break_off(own_server, own_world.orders.database["NAME"])
        own_world.finish(seconds=own_world.orders.lease + 30)
        tally = own_world.tally(messages)
        say(f"K6: {break_off.__name__}, {tally}")
        assert (tally.lost, tally.unflagged, tally.states) == (0, 0, {"sent": len(messages)}), break_off
        assert tally.duplicates <= SENDERS
    assert all(sender.is_alive() for sender in senders)


@pytest.mark.parametrize("hardship", hardships.IN_TURN[connection.vendor])
def test_k9_a_database_that_takes_nothing_for_a_while_needs_no_hand(own_world, hardship):
    senders = [own_world.start() for _ in range(SENDERS)]

    for _ in range(often(10)):
        messages, already = own_world.add_messages(200), own_world.sink.count()
        own_world.wait_for_mails(already + 20)
        with hardship(own_world):
            time.sleep(1)
        assert own_world.rows_of(messages).exclude(state=Message.State.SENT).exists(), "it was no hardship"
        own_world.finish()
        tally = own_world.tally(messages)
        say(f"K9: {hardship.__name__}, {tally}")
        assert (tally.lost, tally.unflagged, tally.states) == (0, 0, {"sent": len(messages)})
        assert tally.duplicates <= SENDERS
    assert all(sender.is_alive() for sender in senders)
