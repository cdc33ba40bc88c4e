"""K7: a relay that spoils a mail in every phase, from outside, and what becomes of the mail (the table of DELIVERY §9).

Three people wait; what is spoilt is the second one's mail. Then the relay is well, and everybody gets their mail.
"""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Message, Relay
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MessageFactory
from tests.faults.counts import often
from tests.faults.proxy import FaultProxy, garbage, hang_up, reset, say, slowly, stall

pytestmark = pytest.mark.django_db

State = Message.State
TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
LATER = timedelta(minutes=11)  # every doubt, breaker and first retry is over
TIMES = often(20)


@pytest.fixture
def proxy(sink, settings):
    sink.forget()
    with FaultProxy(sink.port) as proxy:
        settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", proxy.port
        settings.EMAIL_CONNECT_TIMEOUT = settings.EMAIL_TIMEOUT = settings.EMAIL_DOT_TIMEOUT = 0.3
        yield proxy


class Row:
    """A line of the table: what the message is then, and what is known of its address and of the relay."""

    def __init__(self, state, reason="", *, tries=0, maybe_sent=False, breaker=0, twice=False, address="good"):
        self.message = (state, reason, tries, maybe_sent, int(maybe_sent))
        self.breaker, self.twice, self.address = breaker, twice, address


RELAY = Row(State.DUE, breaker=1)  # the batch as it was
DOUBT = Row(State.DUE, maybe_sent=True)
SOFT = Row(State.DUE, tries=1)
NOBODY = Row(State.FAILED, "undeliverable", address="undeliverable")
HELD = Row(State.HELD, "refused")
BEFORE_THE_DOT = ("mail", "rcpt", "data")
TABLE = [
    *[(phase, deed, RELAY) for phase in BEFORE_THE_DOT for deed in (reset, stall, say("421 4.3.2 closing"))],
    *[("dot", deed, DOUBT) for deed in (reset, stall, hang_up, say("what?"))],
    *[("answer", deed, Row(State.DUE, maybe_sent=True, twice=True)) for deed in (reset, stall, hang_up)],
    *[("mail", say(no), RELAY) for no in ("451 4.7.1 later", "550 5.7.1 go away", "nonsense")],
    ("rcpt", hang_up, RELAY),
    ("dot", say("421 4.3.2 closing"), RELAY),
    ("mail", slowly(), RELAY),
    *[(phase, say(no), SOFT) for phase in ("rcpt", "dot") for no in ("450 4.2.1 later", "552 5.2.2 full")],
    ("rcpt", say("452 4.2.2 full"), SOFT),
    ("data", say("451 4.3.0 later"), SOFT),
    *[("rcpt", say(no), NOBODY) for no in ("550 5.1.1 unknown", "550 5.2.1 disabled", "550 who is that")],
    *[(phase, say(no), HELD) for phase in ("rcpt", "dot") for no in ("550 5.7.1 no", "550 spam", "552 too big")],
    ("mail", say("552 5.3.4 too big"), HELD),
    ("rcpt", say("553 5.1.8 your domain"), HELD),
    ("data", say("554 5.7.0 no"), HELD),
]  # fmt: skip


@pytest.mark.parametrize(("phase", "deed", "row"), TABLE)
def test_the_table(proxy, sink, phase, deed, row):
    for turn in range(TIMES):
        now = TUESDAY + turn * timedelta(minutes=12)  # all of them before the afternoon closes
        first, second, third = messages = three_messages(now)
        proxy.spoil(phase, deed, after=1, times=1)

        send_due(now)

        assert [what_is_known(message) for message in messages][1] == row.message
        assert (second.due_at > now) == (row is SOFT or row.message[3])
        assert address_of(second) == row.address
        assert relay_failures() == row.breaker
        assert first.state == State.SENT
        stopped = row.breaker or phase == "answer"
        assert third.state in ((State.DUE, State.SENT) if stopped else (State.SENT,))
        assert third.tries == third.crashes == 0
        proxy.heal()
        send_due(now + LATER)
        everybody_once(sink, messages, twice=second if row.twice else None)
    assert proxy.met[phase] >= 2 * TIMES


@pytest.mark.parametrize("deed", [reset, stall, hang_up, say("421 4.3.2 closing"), slowly()])
def test_a_text_that_is_cut_short_arrives_once(proxy, sink, deed):
    """Whether the dot was out by then, nobody can know; that the relay has not taken the mail, it knows."""
    messages = three_messages(TUESDAY)
    proxy.spoil("text", deed, after=1, times=1)

    send_due(TUESDAY)

    assert [what_is_known(message) for message in messages][1] in (RELAY.message, DOUBT.message)
    proxy.heal()
    send_due(TUESDAY + LATER)
    everybody_once(sink, messages)


NO_CONNECTION = [
    *[("connect", deed) for deed in (reset, stall, hang_up, garbage, say("421 4.3.2 busy"), say("554 5.7.1 go"))],
    *[("ehlo", deed) for deed in (reset, stall, say("421 4.3.2 busy"), slowly())],
]


@pytest.mark.parametrize(("phase", "deed"), NO_CONNECTION)
def test_without_a_connection_everything_stays_as_it_was(proxy, sink, phase, deed):
    messages = three_messages(TUESDAY)
    proxy.spoil(phase, deed)

    assert_the_batch_is_untouched(messages)
    proxy.heal()
    send_due(TUESDAY + LATER)
    everybody_once(sink, messages)


def test_where_nobody_listens_everything_stays_as_it_was(proxy, sink):
    messages = three_messages(TUESDAY)
    proxy.refuse()

    assert_the_batch_is_untouched(messages)
    proxy.listen()
    send_due(TUESDAY + LATER)
    everybody_once(sink, messages)


@pytest.mark.parametrize("offers", [True, False])
def test_without_tls_nothing_is_said_to_a_relay_that_should_have_it(sink, settings, proxy, offers):
    messages = three_messages(TUESDAY)
    proxy.offers_tls, settings.EMAIL_USE_TLS = offers, True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "relay", "hemmeligt"
    proxy.spoil("starttls", garbage)

    assert_the_batch_is_untouched(messages)
    assert proxy.met["auth"] == proxy.met["mail"] == 0


def assert_the_batch_is_untouched(messages):
    due = [message.due_at for message in messages]

    send_due(TUESDAY)

    assert [what_is_known(message) for message in messages] == [RELAY.message] * 3
    assert [message.due_at for message in messages] == due
    assert relay_failures() == 1


def three_messages(now):
    cohort = EnrolmentFactory().cohort
    at = [now - timedelta(minutes=3 - number) for number in range(3)]
    return [MessageFactory(enrolment__cohort=cohort, due_at=due, expires_at=now + timedelta(days=9)) for due in at]


def what_is_known(message):
    message.refresh_from_db()
    return message.state, message.reason, message.tries, message.maybe_sent, message.crashes


def address_of(message):
    message.person.refresh_from_db()
    return "undeliverable" if message.person.undeliverable_since else "good"


def relay_failures():
    return sum(Relay.objects.values_list("failures", flat=True))


def everybody_once(sink, messages, *, twice=None):
    """None lost, none twice but the one that could not be known."""
    ids = [line.message_id for line in sink.lines()]
    for message in messages:
        message.refresh_from_db()
        arrived = message.state == State.SENT
        assert message.state in (State.SENT, State.FAILED, State.HELD)
        assert ids.count(message.message_id) == arrived + (message == twice)
