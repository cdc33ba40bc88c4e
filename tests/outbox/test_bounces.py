"""A report changes something only when it came to a token of ours, and only what it really says (DELIVERY §9)."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.inbox.arrived import opened
from courseplatform.outbox.inbox.bounces import read
from courseplatform.outbox.inbox.tokens import envelope_sender, reply_address
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.people.models import User
from tests.factories import MessageFactory
from tests.outbox.incoming import mail, report, sent

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


def told(raw, now=TUESDAY):
    """The outcome's word."""
    found = read(opened(raw), now)
    assert found is None or found.kind == IncomingMail.Kind.BOUNCE
    return found and found.word


def state_of(message):
    after = Message.objects.select_related("person").get(pk=message.pk)
    return after.state, after.reason, after.person.undeliverable_since


UNTOUCHED = (State.SENT, "", None)


@pytest.mark.parametrize("style", ["postfix", "exchange", "gmail"])
def test_an_address_that_is_gone_is_noted_with_message_and_person(style):
    message, other = sent(), sent()

    assert told(report(message, style)) == "undeliverable"

    assert state_of(message) == (State.BOUNCED, "undeliverable", TUESDAY)
    assert Message.objects.get(pk=message.pk).reply_enhanced == "5.1.1"
    assert state_of(other) == UNTOUCHED


@pytest.mark.parametrize("style", ["postfix", "exchange", "gmail"])
def test_a_report_that_mail_is_late_changes_nothing(style):
    message = sent()

    assert told(report(message, style, action="delayed", status="4.4.1", said="timed out")) == "delayed"

    assert state_of(message) == UNTOUCHED


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "Delayed", "", "perhaps"])
def test_what_is_not_a_failure_changes_nothing(action):
    message = sent()

    assert told(report(message, action=action)) == "delayed"

    assert state_of(message) == UNTOUCHED


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("5.1.1", "550 5.1.1 user unknown"),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        ("5.1.2", "550 5.1.2 bad destination system"),
        ("5.2.1", "550 5.2.1 mailbox disabled"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied."),
        ("5.0.0", "550 5.1.1 no such person"),
        ("5.0.0", "550 No such user here"),
    ],
)
def test_these_words_mean_the_address(status, said):
    message = sent()

    assert told(report(message, status=status, said=said)) == "undeliverable"

    assert state_of(message) == (State.BOUNCED, "undeliverable", TUESDAY)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("5.7.1", "550 5.7.1 message refused by policy"),
        ("5.7.509", "550 5.7.509 Access denied, sending domain does not pass DMARC verification"),
        ("5.1.8", "550 5.1.8 sender address rejected: domain not found"),
        ("5.1.7", "501 5.1.7 bad sender address"),
        ("5.4.1", "550 5.4.1 all recipient addresses rejected : no hosts"),
        ("5.4.4", "host not found"),
        ("5.3.4", "552 5.3.4 message too big"),
        ("5.6.0", "554 5.6.0 content problem"),
        ("5.0.0", "550 blocked: unknown sender reputation"),
        ("5.0.0", "554 go away"),
    ],
)
def test_what_means_us_leaves_the_address_good_and_an_operator_sees_it(status, said, caplog):
    message = sent()

    assert told(report(message, status=status, said=said)) == "refused"

    assert state_of(message) == (State.BOUNCED, "refused", None)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(message.pk) in caplog.text


@pytest.mark.parametrize(
    ("status", "said"),
    [("4.4.7", "451 4.4.7 message expired"), ("4.2.2", "452 mailbox full"), ("5.2.2", "552 5.2.2 mailbox full")],
)
def test_a_mail_that_was_given_up_came_back_and_the_address_stays_good(status, said):
    message = sent()

    assert told(report(message, status=status, said=said)) == "soft"

    assert state_of(message) == (State.BOUNCED, "soft", None)


def test_the_relays_own_code_counts_where_the_report_only_says_permanent():
    message = sent()

    told(report(message, status="5.0.0", said="550 5.7.1 unknown reputation"))

    assert state_of(message) == (State.BOUNCED, "refused", None)


def test_all_that_travelled_in_the_mail_came_back_with_it():
    lead, elsewhere = sent(), sent()
    along = MessageFactory(enrolment=lead.enrolment, state="merged", merged_into=lead)
    other = MessageFactory(enrolment=elsewhere.enrolment, state="merged", merged_into=elsewhere)

    told(report(lead))

    assert state_of(along)[:2] == (State.BOUNCED, "undeliverable")
    assert state_of(other)[:2] == (State.MERGED, "")


@pytest.mark.parametrize("state", [one for one in State if one != State.SENT])
def test_only_what_was_sent_can_come_back(state):
    message = MessageFactory(state=state, reason="kept")

    assert told(report(message)) == "repeated"

    assert state_of(message) == (state, "kept", None)


@pytest.mark.parametrize(("state", "reason"), [("due", ""), ("suppressed", "restored"), ("held", "crashes")])
def test_a_report_says_that_what_may_have_gone_out_has(state, reason):
    message = MessageFactory(state=state, reason=reason, maybe_sent=True)

    assert told(report(message)) == "undeliverable"

    assert state_of(message)[:2] == (State.BOUNCED, "undeliverable")
    message.refresh_from_db()
    assert (message.sent_at, message.maybe_sent) == (TUESDAY, False)
    assert User.objects.get(pk=message.person_id).undeliverable_since == TUESDAY
    assert told(report(message), TUESDAY + timedelta(days=1)) == "repeated"


def test_what_travelled_in_a_mail_in_doubt_came_back_with_it():
    lead = MessageFactory(state="due", maybe_sent=True)
    along = MessageFactory(enrolment=lead.enrolment, state="due", maybe_sent=True, merged_into=lead)

    told(report(lead))

    assert state_of(along)[:2] == (State.BOUNCED, "undeliverable")


def test_a_mail_in_a_senders_hands_stays_there():
    message = MessageFactory(state="claimed", claim=1, maybe_sent=True)

    assert told(report(message)) == "repeated"

    assert state_of(message)[0] == State.CLAIMED


def test_the_same_report_again_counts_once_even_after_the_address_was_mended():
    message = sent()
    told(report(message))
    User.objects.filter(pk=message.person_id).update(undeliverable_since=None)

    assert told(report(message), TUESDAY + timedelta(days=1)) == "repeated"

    assert state_of(message) == (State.BOUNCED, "undeliverable", None)


def test_a_second_report_keeps_the_day_of_the_first():
    first = sent()
    second = MessageFactory(enrolment=first.enrolment, state="sent")
    told(report(first))

    assert told(report(second), TUESDAY + timedelta(days=1)) == "undeliverable"

    assert state_of(second) == (State.BOUNCED, "undeliverable", TUESDAY)


@pytest.mark.parametrize("style", ["postfix", "gmail"])
def test_a_late_report_about_an_address_that_was_changed_leaves_the_new_one_good(style):
    message = sent()
    late = report(message, style)
    User.objects.filter(pk=message.person_id).update(email="nyt.navn@fjordby.example")

    assert told(late) == "old_address"

    assert state_of(message) == (State.BOUNCED, "undeliverable", None)


def test_an_address_that_is_forwarded_counts_by_whom_we_wrote_to():
    message = sent()
    forwarded = report(message).replace(
        b"Final-Recipient: rfc822; " + message.person.email.encode(), b"Final-Recipient: rfc822; gone@elsewhere.example"
    )

    assert told(forwarded) == "undeliverable"


def test_a_report_that_quotes_nothing_of_ours_is_believed_by_its_token():
    message = sent()

    assert told(report(message, ours="")) == "undeliverable"


def test_an_address_that_stands_for_two_is_dead_only_when_both_are():
    message = sent()
    both = report(message).decode()
    block = both[both.index("Final-Recipient") : both.index("User unknown")] + "User unknown\r\n\r\n"
    one_arrived = both.replace(block, block + block.replace("Action: failed", "Action: delivered"))

    assert told(one_arrived.encode()) == "delayed"
    assert state_of(message) == UNTOUCHED
    assert told(both.replace(block, block + block).encode()) == "undeliverable"


def test_a_report_nobody_asked_for_changes_nothing():
    message = sent()
    forged = envelope_sender(message).replace("bounce+", "bounce+a")[:55]

    assert told(report(message, to="hold-1@fjordby.example")) == "unknown"
    assert told(report(message, to=f"{forged}@fjordby.example")) == "unknown"
    assert told(report(message, to=reply_address(message))) == "unknown"
    assert told(report(Message(pk=message.enrolment_id, person=message.person))) == "unknown"
    assert state_of(message) == UNTOUCHED


def test_the_token_of_one_message_says_nothing_of_another():
    message, other = sent(), sent()

    told(report(message, person=other.person.email))

    assert state_of(other) == UNTOUCHED
    assert state_of(message)[2] is None


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"])
def test_the_token_is_found_where_relays_note_the_envelope(header):
    message = sent()
    raw = report(message, "exchange", to="inbox@fjordby.example")
    raw = f"{header}: <{envelope_sender(message).upper()}>\r\n".encode() + raw

    assert told(raw) == "undeliverable"


def test_an_out_of_office_to_a_token_is_no_report():
    message = sent()
    away = mail(envelope_sender(message), "Jeg er på ferie", Auto_Submitted="auto-replied")

    assert told(away) == "automatic"
    assert state_of(message) == UNTOUCHED


def test_a_person_who_writes_to_a_token_is_read_by_nobody_here():
    assert told(mail(envelope_sender(sent()), "Hvem er I?")) is None


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_receipts_and_complaints_are_no_reports_of_undelivered_mail(kind):
    message = sent()
    receipt = report(message).replace(b"message/delivery-status", f"message/{kind}".encode())

    assert told(receipt) == "automatic"
    assert state_of(message) == UNTOUCHED


def test_no_word_of_a_report_is_kept_or_logged(caplog):
    message = sent()

    told(report(message, said="550 5.1.1 secret words about a person", ours="Subject: hemmeligt\n\nhemmeligt"))

    row = Message.objects.filter(pk=message.pk).values().get()
    assert "secret" not in caplog.text + str(row)
    assert "hemmeligt" not in caplog.text + str(row)
    assert message.person.email not in caplog.text
