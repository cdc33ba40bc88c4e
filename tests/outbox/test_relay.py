"""A real SMTP server on loopback, and what its answers do to the messages (DELIVERY §9)."""

import socket
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import send_mail

from courseplatform.outbox.inbox.tokens import message_of
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.models import Relay as RelayRow
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


class Relay:
    """Takes mail, or says to a recipient or a text what the test wants it to say."""

    def __init__(self):
        self.accepted, self.connections = [], 0
        self.senders, self.options = [], []
        self.at_rcpt, self.at_data = {}, {}
        self.hangs_up_on = set()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        envelope.mail_from = address
        self.senders.append(address)
        self.options.append([option for option in mail_options if option.startswith("BODY")])
        return self.at_rcpt.get("MAIL", "250 OK")

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        answer = self.at_rcpt.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        [address] = envelope.rcpt_tos
        answer = self.at_data.get(address, "250 2.0.0 taken")
        if answer.startswith("250"):
            self.accepted.append((address, envelope.content))
        if address in self.hangs_up_on:
            server.transport.close()
        return answer


@pytest.fixture
def relay(settings):
    handler = Relay()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    use_relay(settings, controller.port)
    yield handler
    controller.stop()


def use_relay(settings, port):
    settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def some_messages(number):
    """In sending order."""
    cohort = EnrolmentFactory().cohort
    times = [TUESDAY - timedelta(minutes=number - n) for n in range(number)]
    return [MessageFactory(enrolment__cohort=cohort, due_at=at) for at in times]


def now_in_database(message):
    return Message.objects.select_related("person").get(pk=message.pk)


def test_a_batch_goes_over_one_connection(relay):
    messages = some_messages(3)

    send_due(TUESDAY)

    assert [address for address, _ in relay.accepted] == [message.person.email for message in messages]
    assert relay.connections == 1
    assert [now_in_database(message).state for message in messages] == [State.SENT] * 3
    assert f"Message-ID: {messages[0].message_id}".encode() in relay.accepted[0][1]


def test_a_connection_carries_no_more_than_its_share(relay, monkeypatch):
    monkeypatch.setattr(channels, "MOST_MAILS", 2)
    messages = some_messages(5)

    send_due(TUESDAY)

    assert len(relay.accepted) == len(messages)
    assert relay.connections == 3


def test_a_connection_is_not_kept_for_ever(relay, monkeypatch):
    monkeypatch.setattr(channels, "LONGEST", 0)
    some_messages(3)

    send_due(TUESDAY)
    assert (len(relay.accepted), relay.connections) == (3, 3)


def test_reports_come_back_to_an_address_that_names_the_message(relay):
    [message] = some_messages(1)

    send_due(TUESDAY)

    assert [message_of(sender) for sender in relay.senders] == [message.pk]


def test_what_is_in_a_mail_is_said_to_be_eight_bits(relay):
    some_messages(1)

    send_due(TUESDAY)

    [(_address, content)] = relay.accepted
    assert relay.options == [["BODY=8BITMIME"]]
    assert "ø".encode() in content
    assert b"Content-Transfer-Encoding: 8bit" in content


def test_two_mails_in_doubt_are_the_relays_fault(relay):
    messages = some_messages(4)
    relay.hangs_up_on |= {message.person.email for message in messages}

    send_due(TUESDAY)

    states = [now_in_database(message) for message in messages]
    assert [(one.state, one.maybe_sent) for one in states] == [(State.DUE, True)] * 2 + [(State.DUE, False)] * 2
    assert RelayRow.objects.get().failures == 1


def test_a_rate_is_kept_and_the_rest_waits_untouched(relay, settings):
    settings.RELAY_RATE = 12
    messages = some_messages(5)

    send_due(TUESDAY)
    assert [address for address, _ in relay.accepted] == [message.person.email for message in messages[:3]]
    assert [now_in_database(message).due_at for message in messages[3:]] == [one.due_at for one in messages[3:]]
    send_due(TUESDAY + timedelta(seconds=15))

    assert len(relay.accepted) == 5


def test_an_address_smtp_has_no_letters_for_fails_and_the_rest_goes_on(relay):
    odd, alive = some_messages(2)
    odd.person.email = "bjørn@fjordby.example"
    odd.person.save()

    send_due(TUESDAY)

    assert (now_in_database(odd).state, now_in_database(odd).reason) == (State.FAILED, "undeliverable")
    assert now_in_database(alive).state == State.SENT
    assert relay.connections == 1


def test_while_the_relay_is_down_everything_stays_due(settings):
    use_relay(settings, free_port())
    messages = some_messages(3)

    send_due(TUESDAY)

    assert [now_in_database(message).state for message in messages] == [State.DUE] * 3
    assert [now_in_database(message).tries for message in messages] == [0] * 3
    assert [now_in_database(message).due_at for message in messages] == [message.due_at for message in messages]


@pytest.mark.parametrize("answer", ["421 4.3.2 shutting down", "451 4.7.1 try later", "550 5.7.1 go away"])
def test_trouble_with_the_sender_is_not_the_messages_fault(relay, answer):
    messages = some_messages(2)
    relay.at_rcpt["MAIL"] = answer

    send_due(TUESDAY)
    assert [now_in_database(message).state for message in messages] == [State.DUE] * 2
    del relay.at_rcpt["MAIL"]
    send_due(TUESDAY + timedelta(seconds=2))
    assert relay.accepted == []
    send_due(TUESDAY + timedelta(minutes=1))

    assert len(relay.accepted) == 2
    assert (RelayRow.objects.get().failures, RelayRow.objects.get().open_until) == (0, None)


@pytest.mark.parametrize("answer", ["550 5.1.1 no such user", "550 5.2.1 mailbox disabled", "550 who is that"])
def test_an_address_nobody_has_is_noted_and_the_rest_goes_on(relay, answer):
    gone, alive = some_messages(2)
    relay.at_rcpt[gone.person.email] = answer

    send_due(TUESDAY)

    gone, alive = now_in_database(gone), now_in_database(alive)
    assert (gone.state, gone.reason, gone.reply_code) == (State.FAILED, "undeliverable", 550)
    assert gone.person.undeliverable_since == TUESDAY
    assert alive.state == State.SENT
    assert relay.connections == 1


@pytest.mark.parametrize("answer", ["450 4.2.1 greylisted", "452 4.2.2 mailbox full", "552 5.2.2 mailbox full"])
def test_a_passing_no_is_tried_again_three_times(relay, answer):
    [message] = some_messages(1)
    relay.at_rcpt[message.person.email] = answer
    waits, now = [], TUESDAY
    for _ in range(3):
        send_due(now)
        after = now_in_database(message)
        assert after.state == State.DUE
        waits.append(after.due_at - now)
        now = after.due_at

    minutes = [wait.total_seconds() / 60 for wait in waits]
    assert [low <= wait <= high for wait, (low, high) in zip(minutes, [(4, 6), (48, 72), (288, 432)], strict=True)]
    Message.objects.update(due_at=TUESDAY)
    send_due(TUESDAY)
    after = now_in_database(message)
    assert (after.state, after.reason, after.tries) == (State.FAILED, "soft", 3)
    assert after.person.undeliverable_since is None


@pytest.mark.parametrize("answer", ["550 5.7.1 refused by policy", "552 too big", "550 blocked as spam", "554 no"])
def test_what_the_relay_will_not_take_from_us_waits_for_a_person(relay, answer):
    refused, alive = some_messages(2)
    relay.at_data[refused.person.email] = answer

    send_due(TUESDAY)

    refused = now_in_database(refused)
    assert (refused.state, refused.reason) == (State.HELD, "refused")
    assert refused.person.undeliverable_since is None
    assert now_in_database(alive).state == State.SENT


def test_a_hang_up_after_the_text_leaves_that_one_message_in_doubt(relay):
    doubtful, alive = some_messages(2)
    relay.hangs_up_on.add(doubtful.person.email)

    send_due(TUESDAY)

    after = now_in_database(doubtful)
    assert (after.state, after.maybe_sent, after.crashes) == (State.DUE, True, 1)
    assert after.due_at == TUESDAY + timedelta(minutes=10)
    assert now_in_database(alive).state == State.SENT
    relay.hangs_up_on.clear()
    send_due(after.due_at)
    ids = [content.split(b"Message-ID: ")[1].split(b"\r\n")[0] for _, content in relay.accepted]
    assert ids.count(doubtful.message_id.encode()) == 2


def test_questions_that_travelled_along_share_the_leads_fate(relay):
    [first] = some_messages(1)
    second = MessageFactory(enrolment=first.enrolment, template="p-c1-map", due_at=TUESDAY)
    relay.at_rcpt[first.person.email] = "450 4.2.1 later"

    send_due(TUESDAY)

    first, second = now_in_database(first), now_in_database(second)
    assert (first.state, second.state) == (State.DUE, State.DUE)
    assert first.due_at == second.due_at
    assert WeeklyCount.objects.count() == 0
    relay.at_rcpt.clear()
    send_due(first.due_at)
    assert len(relay.accepted) == 1
    assert {now_in_database(first).state, now_in_database(second).state} == {State.SENT, State.MERGED}


def test_a_mail_whose_last_line_has_no_end_arrives_too(relay, settings):
    """As the one with the link to a new password: a library writes it, and trims it."""
    settings.EMAIL_DOT_TIMEOUT = 2
    send_mail("Vælg en ny adgangskode", "Åbn linket\nhttps://fjordby.example/her", None, ["leder@fjordby.example"])

    [(recipient, content)] = relay.accepted
    assert recipient == "leder@fjordby.example"
    assert content.endswith(b"\r\nhttps://fjordby.example/her\r\n")
