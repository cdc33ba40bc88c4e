"""A sender stands still for longer than its lease, others take over, and then it wakes up (DELIVERY §12: K3)."""

import time
from itertools import cycle, islice

import pytest
from django.db import connection

from courseplatform.outbox.models import Claim, Message, WeeklyCount
from tests.faults.counts import dice, often, say
from tests.faults.proxy import FaultProxy, Hold, wait

STEPS = ["before_dot", "before_mail", "after_claim", "slice_query", "after_commit", "in_heartbeat"]
COMMANDS = ["data", "mail", "rcpt"]  # it waits for the relay's answer to one of them


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: a sender that stops stops all")
def test_k3_a_sender_that_wakes_up_too_late_sends_and_settles_nothing(world):
    rest = [*STEPS[1:], *COMMANDS[1:]]
    dice().shuffle(rest)
    places = [STEPS[0], COMMANDS[0], *rest]  # where the next thing to leave would be the final dot, in any run
    with FaultProxy(world.sink.port) as proxy:
        proxy.spoil("mail", wait(0.3))  # so that a heartbeat falls between two mails
        late = [stopped(world, proxy, place) for place in islice(cycle(places), often(30))]
        time.sleep(1.3 * world.orders.lease)
        world.drain()
        before = everything()

        assert [sender.finish() for sender in late] == [0] * len(late)

    assert everything() == before
    tally = world.tally()
    say(f"K3: {len(late)} woken up, {tally}")
    assert (tally.lost, tally.duplicates, tally.unknown, set(tally.states)) == (0, 0, 0, {"sent"})


def stopped(world, proxy, place):
    """A sender that stands still there, with three messages in its hands."""
    world.add_messages(3)
    if place in STEPS:
        return world.start_and_stop_at(place, relay_port=proxy.port)
    return stopped_by_the_relay(world, proxy, place)


def stopped_by_the_relay(world, proxy, command):
    hold = Hold()
    proxy.spoil(command, hold, times=1)
    sender = world.start(again=False, relay_port=proxy.port)
    assert hold.reached.wait(30)
    sender.stop()
    hold.released.set()
    return sender


def everything():
    """What a settle could change."""
    return [list(model.objects.order_by("pk").values()) for model in (Message, Claim, WeeklyCount)]
