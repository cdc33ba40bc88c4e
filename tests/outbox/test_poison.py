"""A message that cannot be judged, written or sent is held, and its neighbours go out (DELIVERY §12 K8)."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.batches import Batch, send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.database_clock import boot_time
from tests.factories import EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_whatever_is_wrong_with_a_few_the_others_of_the_slice_go_out(mailoutbox):
    cohort = EnrolmentFactory().cohort
    wrong = [
        {"tzid": "Europe/Atlantis"},  # raises while it is admitted
        {"template_version": "0" * 64},  # its version is missing: raises while it is written
        {"template": "p-no-such-prompt"},
        {"kind": "no-such-kind"},
    ]
    poisons = []
    for number, fields in enumerate(wrong):
        MessageFactory(enrolment__cohort=cohort, due_at=TUESDAY - timedelta(minutes=20 - 2 * number))
        at = TUESDAY - timedelta(minutes=19 - 2 * number)
        poisons.append(MessageFactory(enrolment__cohort=cohort, due_at=at, **fields))
    healthy = MessageFactory(enrolment__cohort=cohort)

    send_due(TUESDAY)

    assert len(mailoutbox) == len(wrong) + 1
    assert state_of(healthy) == (State.SENT, "")
    assert [state_of(poison) for poison in poisons] == [(State.HELD, "unwritable")] * len(wrong)
    assert [poison.crashes for poison in poisons] == [0] * len(wrong)
    assert not Claim.objects.filter(open=True).exists()


def test_a_poisonous_companion_does_not_hold_back_what_it_would_have_travelled_with(mailoutbox):
    first = MessageFactory()
    poison = MessageFactory(enrolment=first.enrolment, tzid="Europe/Atlantis")

    send_due(TUESDAY)

    assert state_of(first) == (State.SENT, "")
    assert state_of(poison) == (State.HELD, "unwritable")
    assert len(mailoutbox) == 1


def test_a_question_nobody_can_write_does_not_hold_back_the_other_of_its_day(mailoutbox):
    good = MessageFactory()
    poison = MessageFactory(
        enrolment=good.enrolment, template="p-no-such-prompt", due_at=TUESDAY - timedelta(minutes=40)
    )

    send_due(TUESDAY)

    assert state_of(good) == (State.SENT, "")
    assert state_of(poison) == (State.HELD, "unwritable")
    assert [mail.extra_headers["Message-ID"] for mail in mailoutbox] == [good.message_id]


class Stumbles:
    """A way out that raises something nobody has thought of, before or after the mail may have left."""

    idempotent = False

    def __init__(self, channel, at, is_out):
        self.channel, self.at, self.is_out = channel, at, is_out

    def send(self, letter, before_dot):
        if letter.recipient != self.at:
            return self.channel.send(letter, before_dot)
        if self.is_out:
            before_dot()
        raise LookupError("unknown encoding")


@pytest.mark.parametrize(
    ("is_out", "outcome"), [(False, (State.HELD, "unwritable", False)), (True, (State.DUE, "", True))]
)
def test_a_mail_that_raises_while_it_is_sent_takes_nobody_along(mailoutbox, is_out, outcome):
    cohort = EnrolmentFactory().cohort
    poison = MessageFactory(enrolment__cohort=cohort, due_at=TUESDAY - timedelta(minutes=9))
    healthy = MessageFactory(enrolment__cohort=cohort, due_at=TUESDAY - timedelta(minutes=8))
    with channels.open_channel(TUESDAY) as channel:
        Batch(claim(TUESDAY), Stumbles(channel, poison.person.email, is_out), TUESDAY, boot_time() + 50).send()

    poison.refresh_from_db()
    assert (poison.state, poison.reason, poison.maybe_sent) == outcome
    assert state_of(healthy) == (State.SENT, "")
