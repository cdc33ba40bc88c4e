"""A mail that may have gone out goes again as it was: the same questions under the same Message-ID (DELIVERY §1)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.operating.deciding import try_again
from courseplatform.outbox.relay import channels
from courseplatform.outbox.relay.replies import InDoubt
from courseplatform.outbox.sending.admission import admit
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim, lease_length
from courseplatform.outbox.sending.reaping import reap
from tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)  # 09:00 in Copenhagen
MINUTE = timedelta(minutes=1)
State = Message.State


def states(*messages):
    for message in messages:
        message.refresh_from_db()
    return [message.state for message in messages]


def message_ids(mailoutbox):
    return [mail.extra_headers["Message-ID"] for mail in mailoutbox]


@pytest.fixture
def two():
    """Two questions of one day; the first leads, though its id is the higher one."""
    first = MessageFactory(pk=UUID(int=9), due_at=TUESDAY - 2 * MINUTE)
    return first, MessageFactory(pk=UUID(int=1), enrolment=first.enrolment, due_at=TUESDAY - MINUTE)


def killed_while_sending(now):
    admit(claim(now), now)
    after = now + lease_length() + MINUTE
    reap(after)
    return after + 11 * MINUTE


def test_what_is_in_doubt_travels_in_no_other_mail_of_its_day(mailoutbox):
    doubtful = MessageFactory(maybe_sent=True, crashes=1, due_at=TUESDAY)
    other = MessageFactory(enrolment=doubtful.enrolment, kind="conversation", template="p-sponsor-mid")

    send_due(TUESDAY)
    send_due(TUESDAY + 2 * MINUTE)

    assert message_ids(mailoutbox) == [doubtful.message_id]
    assert states(doubtful, other) == [State.SENT, State.DUE]
    assert other.due_at == TUESDAY + timedelta(hours=48)


def test_nothing_is_brought_forward_to_travel_with_what_is_in_doubt(mailoutbox):
    doubtful = MessageFactory(maybe_sent=True, crashes=1, due_at=TUESDAY)
    later = MessageFactory(enrolment=doubtful.enrolment, due_at=TUESDAY + timedelta(hours=3))

    send_due(TUESDAY)

    assert states(doubtful, later) == [State.SENT, State.DUE]
    assert later.due_at == TUESDAY + timedelta(hours=3)


def test_two_questions_in_one_mail_go_again_in_one_mail_after_their_sender_died(two, mailoutbox):
    send_due(killed_while_sending(TUESDAY))

    assert message_ids(mailoutbox) == [two[0].message_id]
    assert states(*two) == [State.SENT, State.MERGED]
    assert WeeklyCount.objects.get().mails == 1


def test_they_stay_together_over_a_night_and_a_relay_in_trouble(two, mailoutbox, monkeypatch):
    again = killed_while_sending(datetime(2026, 10, 27, 14, 25, tzinfo=UTC))  # the window closes meanwhile
    morning = datetime(2026, 10, 28, 7, 30, tzinfo=UTC)
    send_due(again)
    assert states(*two) == [State.DUE, State.DUE]
    with monkeypatch.context() as trouble:
        trouble.setattr(channels.PlainChannel, "send", raises(channels.RelayTrouble()))
        send_due(morning)

    send_due(morning + 10 * MINUTE)

    assert message_ids(mailoutbox) == [two[0].message_id]


def raises(error):
    def send(self, mail, before_dot):
        raise error

    return send


def test_two_that_the_relay_left_in_doubt_stay_together_until_a_person_decides(two, mailoutbox, monkeypatch):
    with monkeypatch.context() as trouble:
        trouble.setattr(channels.PlainChannel, "send", raises(InDoubt()))
        for tries in range(3):
            send_due(TUESDAY + tries * 11 * MINUTE)
    assert states(*two) == [State.HELD, State.HELD]

    again = TUESDAY + timedelta(hours=1)
    try_again(Message.objects.all(), UserFactory(), again, even_twice=True)
    send_due(again)

    assert message_ids(mailoutbox) == [two[0].message_id]
    assert states(*two) == [State.SENT, State.MERGED]


def test_one_of_them_that_is_done_meanwhile_is_not_asked_again(two, mailoutbox):
    again = killed_while_sending(TUESDAY)
    Message.objects.filter(pk=two[1].pk).update(answered_at=TUESDAY)

    send_due(again)

    assert message_ids(mailoutbox) == [two[0].message_id]
    assert states(*two) == [State.SENT, State.SUPPRESSED]


def test_one_whose_mail_cannot_go_again_goes_by_itself_and_is_seen_to(two, mailoutbox):
    again = killed_while_sending(TUESDAY)
    Message.objects.filter(pk=two[0].pk).update(answered_at=TUESDAY)

    send_due(again)

    assert message_ids(mailoutbox) == [two[1].message_id]
    assert states(*two) == [State.SUPPRESSED, State.SENT]
    assert two[1].merged_into is None
