"""When it is not the messages that are wrong, they wait: ten in a row that fail in the same way stop the sending."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Message, Relay
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.braking import ENOUGH, NAME
from lessons.models import ProgrammeVersion
from lessons.versions import programme
from tests.factories import EnrolmentFactory, MessageFactory
from tests.outbox.test_relay import relay
from tests.versions import published_without

__all__ = ["relay"]
pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
TEMPLATE = "p-a2-tuesday"
State = Message.State


@pytest.fixture
def cohort():
    return EnrolmentFactory().cohort


def unwritable(cohort, number, **fields):
    """Their version does not have the question: what a version that was damaged would look like."""
    damaged = ProgrammeVersion.objects.filter(number="1.1").first() or published_without("prompts", TEMPLATE)
    return [MessageFactory(enrolment__cohort=cohort, template_version=damaged.digest, **fields) for _ in range(number)]


def mended():
    Message.objects.update(template_version=programme_digest())


def programme_digest():
    return ProgrammeVersion.objects.get(number="1.0").digest


def states():
    return sorted(Message.objects.values_list("state", flat=True))


def test_ten_that_cannot_be_written_stop_the_pass_and_the_rest_stays_untouched(cohort, caplog):
    messages = unwritable(cohort, ENOUGH + 4)
    due = {message.pk: message.due_at for message in messages}

    with caplog.at_level(logging.ERROR):
        send_due(TUESDAY)

    assert states() == [State.DUE] * 4 + [State.HELD] * ENOUGH
    waiting = Message.objects.filter(state=State.DUE)
    assert all(due[one.pk] == one.due_at and one.tries == one.crashes == 0 for one in waiting)
    assert [record.message for record in caplog.records if "No mail goes out" in record.message] == [
        "No mail goes out any more (unwritable KeyError): somebody must look"
    ]


def test_then_one_is_tried_now_and_then_each_time_another_and_none_is_held(cohort):
    unwritable(cohort, ENOUGH + 4)
    send_due(TUESDAY)

    for minutes in (1, 2, 4):
        send_due(TUESDAY + timedelta(minutes=minutes))

    assert states() == [State.DUE] * 4 + [State.HELD] * ENOUGH
    put_off = Message.objects.filter(state=State.DUE, due_at__gt=TUESDAY)
    assert put_off.count() == 3


def test_before_its_time_not_even_one_is_tried(cohort):
    unwritable(cohort, ENOUGH + 4)
    send_due(TUESDAY)

    send_due(TUESDAY + timedelta(seconds=1))

    assert not Message.objects.filter(state=State.DUE, due_at__gt=TUESDAY).exists()


def test_a_pass_with_nothing_to_send_spends_no_try(cohort):
    unwritable(cohort, ENOUGH)
    send_due(TUESDAY)
    before = Relay.objects.filter(name__startswith=NAME).values().get()

    send_due(TUESDAY + timedelta(minutes=1))

    assert Relay.objects.filter(name__startswith=NAME).values().get() == before


def test_once_it_is_mended_everything_that_waited_goes_out_in_the_same_pass(cohort, mailoutbox):
    unwritable(cohort, ENOUGH + 4)
    send_due(TUESDAY)
    mended()

    send_due(TUESDAY + timedelta(minutes=1))

    assert len(mailoutbox) == 4
    assert not Relay.objects.filter(name__startswith=NAME).exists()


def test_they_are_counted_over_small_passes_too(cohort):
    for _ in range(ENOUGH + 2):
        unwritable(cohort, 1)
        send_due(TUESDAY)

    assert states() == [State.DUE] * 2 + [State.HELD] * ENOUGH


def test_one_that_goes_out_in_between_begins_the_count_anew(cohort, mailoutbox):
    before, after = TUESDAY - timedelta(minutes=30), TUESDAY - timedelta(minutes=10)
    unwritable(cohort, ENOUGH - 1, due_at=before)
    MessageFactory(enrolment__cohort=cohort, due_at=TUESDAY - timedelta(minutes=20))
    unwritable(cohort, ENOUGH - 1, due_at=after)

    send_due(TUESDAY)

    assert states() == [State.HELD] * 2 * (ENOUGH - 1) + [State.SENT]
    assert programme(programme_digest()).prompt(TEMPLATE)


def test_ten_that_cannot_be_judged_stop_the_pass_too_and_go_out_once_it_is_mended(cohort, mailoutbox, caplog):
    """A mistake of ours in judging is nobody's message's fault."""
    for _ in range(ENOUGH + 4):
        MessageFactory(enrolment__cohort=cohort, tzid="Europe/Atlantis")
    with caplog.at_level(logging.ERROR):
        send_due(TUESDAY)
    assert states() == [State.DUE] * 4 + [State.HELD] * ENOUGH
    assert "No mail goes out any more (unwritable ZoneInfoNotFoundError): somebody must look" in caplog.messages

    send_due(TUESDAY + timedelta(minutes=1))
    assert states() == [State.DUE] * 4 + [State.HELD] * ENOUGH
    Message.objects.update(tzid="Europe/Copenhagen")
    send_due(TUESDAY + timedelta(minutes=15))

    assert len(mailoutbox) == 4
    assert Message.objects.filter(state=State.HELD, reason="unwritable").count() == ENOUGH


def test_few_that_cannot_be_judged_among_others_brake_nothing(cohort, mailoutbox):
    for number in range(ENOUGH + 1):
        at = TUESDAY - timedelta(minutes=2 * number)
        MessageFactory(enrolment__cohort=cohort, tzid="Europe/Atlantis", due_at=at)
        MessageFactory(enrolment__cohort=cohort, due_at=at - timedelta(minutes=1))

    send_due(TUESDAY)

    assert states() == [State.HELD] * (ENOUGH + 1) + [State.SENT] * (ENOUGH + 1)


def test_a_relay_that_refuses_us_at_every_recipient_holds_ten_and_no_more(cohort, relay, caplog):
    messages = [MessageFactory(enrolment__cohort=cohort) for _ in range(ENOUGH + 4)]
    relay.at_rcpt = {one.person.email: "550 5.7.1 not from you" for one in messages}
    with caplog.at_level(logging.ERROR):
        send_due(TUESDAY)
    assert states() == [State.DUE] * 4 + [State.HELD] * ENOUGH
    assert "No mail goes out any more (refused 550 5.7.1): somebody must look" in caplog.messages
    assert not any(one.person.undeliverable_since for one in messages)

    relay.at_rcpt = {}
    send_due(TUESDAY + timedelta(minutes=1))

    assert len(relay.accepted) == 4
    assert set(Message.objects.filter(state=State.HELD).values_list("reason", flat=True)) == {"refused"}
