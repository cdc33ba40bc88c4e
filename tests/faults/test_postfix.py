"""M2: the relay is a real Postfix, and the mailbox behind it shows each Message-ID once."""

import email
import os
import shutil
from datetime import UTC, datetime, timedelta
from email import policy

import pytest

from courseplatform.outbox.inbox.tokens import message_of
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MessageFactory, WorkshopFactory
from tests.faults.counts import often
from tests.faults.postfix import UNKNOWN, Postfix
from tests.faults.proxy import FaultProxy, reset

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("postfix") or os.geteuid() != 0,
        reason="M2 WAS NOT RUN: it needs a Postfix and root. `apt-get install postfix`, then `script/test` as root.",
    ),
]

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


@pytest.fixture(scope="module")
def postfix():
    with Postfix() as postfix:
        yield postfix


@pytest.fixture
def proxy(postfix, settings):
    postfix.mailbox.delivered.clear()
    with FaultProxy(postfix.port) as proxy:
        settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", proxy.port
        yield proxy


def some_messages(number, **fields):
    cohort = EnrolmentFactory().cohort
    dues = [TUESDAY - timedelta(minutes=number - place) for place in range(number)]
    return [MessageFactory(enrolment__cohort=cohort, due_at=due, **fields) for due in dues]


def test_what_went_out_twice_is_seen_once(postfix, proxy):
    messages = some_messages(often(200))
    proxy.spoil("answer", reset, after=1, times=1)
    proxy.spoil("answer", reset, after=len(messages) // 2, times=1)

    send_due(TUESDAY)
    send_due(TUESDAY + timedelta(minutes=11))
    postfix.wait_for(len(messages) + 2)

    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
    assert Message.objects.filter(maybe_sent=True).count() == 2
    assert len(postfix.mailbox.delivered) == len(messages) + 2
    assert set(postfix.mailbox.seen) == {message.message_id for message in messages}


def test_a_mail_arrives_as_it_was_written(postfix, proxy):
    enrolment = EnrolmentFactory(person__display_name="Bjørn Ærø", cohort__name="Hold Ø")
    event = {"kind": "event", "template": "invitation", "channel": "calendar"}
    message = MessageFactory(enrolment=enrolment, workshop=WorkshopFactory(cohort=enrolment.cohort), **event)

    send_due(TUESDAY)
    postfix.wait_for(1)

    [(sender, recipient, content)] = postfix.mailbox.delivered
    mail = email.message_from_bytes(content, policy=policy.default)
    assert (recipient, message_of(sender)) == (message.person.email, message.pk)
    assert mail["From"].addresses[0].display_name == "Hold Ø"
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_content()
    assert "Bjørn Ærø" in calendar.replace("\r\n ", "").replace("\n ", "")
    assert [part.defects for part in mail.walk() if part.defects] == []


def test_what_postfix_says_of_an_unknown_address_is_understood(postfix, proxy):
    gone, alive = some_messages(2)
    gone.person.email = UNKNOWN
    gone.person.save()

    send_due(TUESDAY)
    postfix.wait_for(1)

    gone.refresh_from_db()
    gone.person.refresh_from_db()
    assert (gone.state, gone.reason, gone.reply_code, gone.reply_enhanced) == ("failed", "undeliverable", 550, "5.1.1")
    assert gone.person.undeliverable_since == TUESDAY
    assert [recipient for _sender, recipient, _content in postfix.mailbox.delivered] == [alive.person.email]


def test_a_mail_that_postfix_finds_too_big_is_held_and_the_rest_goes_on(proxy):
    with Postfix(most=8_000) as strict:
        proxy.relay_port = strict.port
        messages = some_messages(2)

        send_due(TUESDAY)

    held = [Message.objects.get(pk=message.pk) for message in messages]
    assert [(message.state, message.reason, message.reply_code) for message in held] == [("held", "refused", 552)] * 2
