"""A message that harms whoever touches it does not take its neighbours along (DELIVERY §12: K8)."""

import os
import signal

from django.db import connection

from courseplatform.people.models import User
from lessons.models import ProgrammeVersion
from tests.faults.counts import IS_FULL, dice, often, say
from tests.faults.proxy import FaultProxy, Over
from tests.faults.world import UNHURRIED

HUGE = 100_000_000 if IS_FULL else 3_000_000  # characters; the relay takes two million bytes
HALF_A_CHARACTER = "\ud83d"


def test_k8_ten_poisonous_messages_among_many_reach_nobody_and_stop_nobody(world):
    messages = world.add_messages(often(1000))
    poison = dice().sample(messages, 10)
    deadly = poison[:2]
    for prepare, victims in zip(POISONS, (poison[2:4], poison[4:6], poison[6:8], poison[8:]), strict=True):
        prepare(world, victims)

    with FaultProxy(world.sink.port) as proxy:
        proxy.spoil("rcpt", kill_the_sender_at(world, [message.person.email for message in deadly]))
        world.finish(meanwhile=lambda: world.keep_one_at_work(relay_port=proxy.port, lease=UNHURRIED))

    harmless = [message for message in messages if message not in poison]
    assert_untouched(world, harmless)
    assert_stopped(world, poison)
    assert set(world.rows_of(deadly).values_list("crashes", flat=True)) == {3}


def assert_untouched(world, messages):
    tally = world.tally(messages)
    say(f"K8: {len(messages)} harmless, {tally}")
    assert (tally.lost, tally.duplicates, tally.states) == (0, 0, {"sent": len(messages)})
    assert not world.rows_of(messages).filter(maybe_sent=True).exists()


def assert_stopped(world, messages):
    how = sorted(world.rows_of(messages).values_list("state", "reason", "crashes"))
    say(f"K8: poison {how}")
    assert {state for state, _reason, _crashes in how} <= {"held", "failed"}
    assert max(crashes for _state, _reason, crashes in how) <= 3
    assert not {message.message_id for message in messages} & {line.message_id for line in world.sink.lines()}


# --- Poisons ---------------------------------------------------------------------------------------------------------
def kill_the_sender_at(world, addresses):
    """From outside: whoever names one of them to the relay is dead."""

    async def deed(talk):
        if any(f"<{address}>".encode() in talk.line for address in addresses):
            os.kill(world.senders[-1].pid, signal.SIGKILL)
            raise Over
        return False

    return deed


def asks_what_the_version_does_not_know(world, messages):
    world.rows_of(messages).update(template="no-such-question")


def is_huge(world, messages):
    world.rows_of(messages).update(template_version=version_that_asks(world, "Hvad så du? " * (HUGE // 12)))


def breaks_a_header(world, messages):
    for number, message in enumerate(messages):
        address = f"leder{number}@fjordby.example\nbcc: alle@fjordby.example"
        User.objects.filter(pk=message.person_id).update(email=address)


def holds_what_no_encoding_knows(world, messages):
    """Half a character in the question; PostgreSQL does not let it in, so there it is the address."""
    if connection.vendor == "sqlite":
        world.rows_of(messages).update(template_version=version_that_asks(world, f"Hvad så du? {HALF_A_CHARACTER}"))
    for number, message in enumerate(messages):
        User.objects.filter(pk=message.person_id).update(email=f"lærer{number}@fjordby.example")


POISONS = (asks_what_the_version_does_not_know, is_huge, breaks_a_header, holds_what_no_encoding_knows)


def version_that_asks(world, words):
    """The digest of one more version, in which the question says that."""
    version = ProgrammeVersion.objects.get(pk=world.cohort.programme_version_id)
    [prompt] = [prompt for prompt in version.snapshot["prompts"] if prompt["key"] == "p-a2-tuesday"]
    prompt["text"] = dict.fromkeys(prompt["text"], words)
    version.pk, version._state.adding = None, True
    version.number, version.digest = f"{len(words)}", f"{len(words):064}"
    version.save(force_insert=True)
    return version.digest
