"""Whose batch it is: the database's clock decides, and a holder that was away too long knows (DELIVERY §5)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.checks import run_checks
from django.db import connection, transaction
from django.utils import timezone

from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.batches import Batch, send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.database_clock import boot_time, database_now
from courseplatform.outbox.sending.reaping import reap
from tests.factories import EnrolmentFactory, MessageFactory
from tests.outbox.test_relay import free_port
from worker import ticks

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


def now_in_database(message):
    return Message.objects.get(pk=message.pk)


def some_messages(number):
    """In sending order."""
    cohort = EnrolmentFactory().cohort
    times = [TUESDAY - timedelta(minutes=number - n) for n in range(number)]
    return [MessageFactory(enrolment__cohort=cohort, due_at=at) for at in times]


# --- The clock -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_lease_counts_from_the_instant_of_the_pass():
    MessageFactory()

    lease = claim(TUESDAY)

    left = Claim.objects.get(pk=lease.claim).lease_until - TUESDAY
    assert timedelta(seconds=119) < left < timedelta(seconds=125)


@pytest.mark.django_db
def test_a_heartbeat_extends_the_lease_from_when_it_beats():
    MessageFactory()
    lease = claim(TUESDAY)
    Claim.objects.update(lease_until=TUESDAY)
    lease.beat -= 60

    lease.keep_alive()

    assert Claim.objects.get().lease_until > TUESDAY + timedelta(seconds=119)
    assert boot_time() - lease.beat < 30


@pytest.mark.django_db
def test_a_heartbeat_brings_no_lost_lease_back():
    MessageFactory()
    lease = claim(TUESDAY)
    reap(TUESDAY + timedelta(minutes=3))

    lease.keep_alive()

    assert not lease.is_safe()
    assert not Claim.objects.get(pk=lease.claim).open


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has the clock of the machine it runs on")
@pytest.mark.parametrize("hours", [-2, 2])
def test_t2_a_worker_whose_clock_is_wrong_neither_sends_early_nor_takes_a_lease(mailoutbox, hours):
    right = database_now()
    soon = MessageFactory(due_at=right + timedelta(minutes=1), expires_at=right + timedelta(days=9))
    held = MessageFactory(due_at=right - timedelta(minutes=1), expires_at=right + timedelta(days=9))
    lease = claim(right)

    with time_machine.travel(right + timedelta(hours=hours), tick=True):
        assert abs(timezone.now() - right) > timedelta(hours=1)  # the worker does think so
        assert abs(ticks.now() - right) < timedelta(minutes=1)
        assert reap(ticks.now()) == 0
        assert claim(ticks.now()) is None
        lease.keep_alive()

    assert lease.is_safe()
    assert abs(Claim.objects.get().lease_until - right - timedelta(seconds=120)) < timedelta(seconds=30)
    assert (now_in_database(soon).state, now_in_database(held).claim) == (State.DUE, lease.claim)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has the clock of the machine it runs on")
def test_t2_a_worker_whose_clock_jumps_while_it_sends_keeps_its_batch(mailoutbox, settings):
    messages = some_messages(3)
    lease = claim(TUESDAY)
    with time_machine.travel(timezone.now(), tick=True) as clock, channels.open_channel(TUESDAY) as channel:
        batch = Batch(lease, channel, TUESDAY, boot_time() + 50)
        clock.shift(timedelta(hours=2))
        assert batch.send()
        clock.shift(timedelta(hours=-4))

    assert [now_in_database(message).state for message in messages] == [State.SENT] * 3
    assert len(mailoutbox) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a clock that can be set forward by itself")
def test_t2_when_the_databases_clock_is_set_forward_nobody_loses_a_lease(mailoutbox):
    messages = some_messages(2)
    Message.objects.update(expires_at=datetime(2090, 1, 1, tzinfo=UTC))
    ticks.reap_tick(database_now())
    lease = claim(TUESDAY, ahead=timedelta(0))
    with stepped_clock(hours=1):
        assert database_now() - timezone.now() > timedelta(minutes=59)
        ticks.reap_tick(database_now())
        assert Claim.objects.get().doubted_at is not None
        lease.keep_alive()
        ticks.reap_tick(database_now())

    with channels.open_channel(TUESDAY) as channel:
        assert Batch(lease, channel, TUESDAY, boot_time() + 50).send()
    assert [now_in_database(message).state for message in messages] == [State.SENT] * 2
    assert len(mailoutbox) == 2


class stepped_clock:
    """The server's clock as this connection sees it, set forward: our own function stands before the server's."""

    def __init__(self, hours):
        self.hours = hours

    def __enter__(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA stepped")
            cursor.execute(
                "CREATE FUNCTION stepped.statement_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                f"'SELECT pg_catalog.statement_timestamp() + make_interval(hours => {int(self.hours)})'"
            )
            cursor.execute("SET search_path = stepped, pg_catalog, public")

    def __exit__(self, *error):
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA stepped CASCADE")


# --- The holder ------------------------------------------------------------------------------------------------------
class SleepsAtTheDot:
    """A way out on which the sender is away, directly before the dot, for longer than its lease is safe."""

    idempotent = False

    def __init__(self, lease, meanwhile):
        self.lease, self.meanwhile, self.sent = lease, meanwhile, []

    def send(self, letter, before_dot):
        self.lease.beat -= 76
        self.meanwhile()
        before_dot()
        self.sent.append(letter)


@pytest.mark.django_db
def test_a_sender_that_wakes_up_after_its_lease_sends_nothing_and_settles_nothing():
    first, second = some_messages(2)
    lease = claim(TUESDAY)
    channel = SleepsAtTheDot(lease, lambda: reap(TUESDAY + timedelta(minutes=3)))

    assert not Batch(lease, channel, TUESDAY, boot_time() + 50).send()

    assert channel.sent == []
    first, second = now_in_database(first), now_in_database(second)
    assert (first.state, first.maybe_sent, first.claim) == (State.DUE, True, None)
    assert (second.state, second.maybe_sent, second.claim) == (State.DUE, False, None)


@pytest.mark.django_db
def test_a_batch_that_its_sender_dropped_is_freed_by_the_reaper():
    message = MessageFactory()
    lease = claim(TUESDAY)

    Batch(lease, SleepsAtTheDot(lease, lambda: None), TUESDAY, boot_time() + 50).send()

    assert now_in_database(message).state == State.CLAIMED
    assert reap(TUESDAY + timedelta(minutes=3)) == 1
    assert now_in_database(message).state == State.DUE


@pytest.mark.django_db
def test_a_claimed_message_that_nobody_holds_is_found():
    message = MessageFactory()
    lease = claim(TUESDAY)
    Claim.objects.filter(pk=lease.claim).delete()

    assert reap(TUESDAY) == 1

    message = now_in_database(message)
    assert (message.state, message.maybe_sent) == (State.DUE, True)


@pytest.mark.django_db
def test_a_pass_that_is_over_gives_the_rest_back_untouched(mailoutbox):
    messages = some_messages(3)
    lease = claim(TUESDAY)
    with channels.open_channel(TUESDAY) as channel:
        assert not Batch(lease, channel, TUESDAY, boot_time() - 1).send()

    assert [now_in_database(message).state for message in messages] == [State.SENT, State.DUE, State.DUE]
    assert [now_in_database(message).crashes for message in messages] == [0, 0, 0]
    assert not Claim.objects.filter(open=True).exists()


class SlowRelay:
    """Takes its time to answer the final dot."""

    def __init__(self):
        self.has_text, self.may_answer = threading.Event(), threading.Event()

    async def handle_DATA(self, server, session, envelope):
        import asyncio

        self.has_text.set()
        while not self.may_answer.is_set():
            await asyncio.sleep(0.02)
        return "250 2.0.0 taken"


@pytest.fixture
def slow_relay(settings):
    handler = SlowRelay()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield handler
    handler.may_answer.set()
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_the_heart_goes_on_beating_while_a_relay_is_slow_to_answer(slow_relay, settings):
    settings.SEND_LEASE = 1
    message = MessageFactory()
    sender = threading.Thread(target=in_thread(lambda: send_due(TUESDAY)))
    sender.start()
    assert slow_relay.has_text.wait(20)
    first = Claim.objects.get(open=True).lease_until
    until = boot_time() + 20
    while Claim.objects.get().lease_until < first + timedelta(seconds=1.5) and boot_time() < until:
        reap(Claim.objects.get().made_at)  # a reaper looks in, and finds nothing to do
        threading.Event().wait(0.1)

    assert Claim.objects.get(open=True).lease_until >= first + timedelta(seconds=1.5)
    slow_relay.may_answer.set()
    sender.join(20)
    message = now_in_database(message)
    assert (message.state, message.maybe_sent, message.crashes) == (State.SENT, False, 0)


def in_thread(work):
    def run():
        try:
            work()
        finally:
            connection.close()

    return run


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_out_is_written_down_when_the_database_is_back(mailoutbox):
    """Its connection is gone at the very moment of settling, as after a restart of the server."""
    message = MessageFactory()
    lease = claim(TUESDAY)
    with channels.open_channel(TUESDAY) as channel:
        batch = Batch(lease, BreaksAfterwards(channel), TUESDAY, boot_time() + 50)
        assert batch.send()

    assert now_in_database(message).state == State.SENT
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("seconds", "is_demo", "found"), [(120, False, []), (30, False, []), (29, False, ["E003"]), (1, True, [])]
)
def test_a_lease_too_short_for_a_mail_is_refused_before_the_first_one(settings, seconds, is_demo, found):
    settings.SEND_LEASE, settings.DEMO = seconds, is_demo
    refused = [error.id for error in run_checks() if error.id and error.id.startswith("outbox.E")]
    assert refused == [f"outbox.{number}" for number in found]


class BreaksAfterwards:
    """A way out after which the connection to the database no longer works."""

    idempotent = False

    def __init__(self, channel):
        self.channel = channel

    def send(self, letter, before_dot):
        reply = self.channel.send(letter, before_dot)
        connection.ensure_connection()
        if connection.vendor == "postgresql":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                [pid] = cursor.fetchone()
            end_backend(pid)
        return reply


def end_backend(pid):
    """From another connection."""
    thread = threading.Thread(target=in_thread(lambda: run(f"SELECT pg_terminate_backend({int(pid)})")))
    thread.start()
    thread.join()


def run(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
