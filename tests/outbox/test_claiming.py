"""Claims, leases and what the reaper makes of a dead sender."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.reaping import reap
from tests.factories import EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)  # 09:00 in Copenhagen
State = Message.State


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_two_claims_never_share_a_message():
    cohort = EnrolmentFactory().cohort
    MessageFactory.create_batch(5, enrolment__cohort=cohort)

    first, second = claim(TUESDAY, batch=3), claim(TUESDAY, batch=3)

    assert (first.size, second.size) == (3, 2)
    assert claim(TUESDAY) is None
    assert Message.objects.filter(claim=first.claim).count() == 3


def test_event_changes_go_before_questions():
    question = MessageFactory(due_at=TUESDAY - timedelta(days=1))
    change = MessageFactory(priority=Message.EVENT_CHANGE)

    lease = claim(TUESDAY)

    assert list(Message.objects.filter(claim=lease.claim)) == [change]
    assert state_of(question) == (State.DUE, "")


def test_a_dead_senders_first_message_is_in_doubt_and_the_rest_are_free_at_once(mailoutbox):
    cohort = EnrolmentFactory().cohort
    times = [TUESDAY - timedelta(minutes=minutes) for minutes in (3, 2, 1)]
    messages = [MessageFactory(enrolment__cohort=cohort, due_at=at) for at in times]
    claim(TUESDAY)

    assert reap(TUESDAY + timedelta(seconds=119)) == 0
    later = TUESDAY + timedelta(seconds=121)
    assert reap(later) == 3

    [doubtful, *free] = [Message.objects.get(pk=message.pk) for message in messages]
    assert (doubtful.maybe_sent, doubtful.crashes, doubtful.due_at) == (True, 1, later + timedelta(minutes=10))
    assert [(message.state, message.maybe_sent, message.crashes) for message in free] == [("due", False, 0)] * 2


def test_a_message_that_kills_its_sender_three_times_is_held():
    message = MessageFactory(crashes=2)
    claim(TUESDAY)

    reap(TUESDAY + timedelta(minutes=3))

    assert state_of(message) == (State.HELD, "crashes")


def test_reaping_twice_changes_nothing_more():
    message = MessageFactory()
    claim(TUESDAY)
    later = TUESDAY + timedelta(minutes=3)

    assert (reap(later), reap(later)) == (1, 0)
    assert Message.objects.get(pk=message.pk).crashes == 1


def test_the_sweep_holds_back_what_waited_too_long():
    question = MessageFactory(expires_at=TUESDAY - timedelta(seconds=1))
    reminder = MessageFactory(kind="reminder", expires_at=TUESDAY - timedelta(seconds=1))
    waiting = MessageFactory(expires_at=TUESDAY + timedelta(days=1))

    reap(TUESDAY)

    assert state_of(question) == (State.SUPPRESSED, "stale")
    assert state_of(reminder) == (State.SUPPRESSED, "too_late")
    assert state_of(waiting) == (State.DUE, "")


def test_after_a_gap_a_lease_that_looks_run_out_gets_the_length_of_one_more_to_be_heard_of():
    """The database's clock may have been set forward: its holder may be as alive as ever."""
    messages = MessageFactory.create_batch(2, enrolment=EnrolmentFactory())
    lease, dead = claim(TUESDAY, batch=1), claim(TUESDAY, batch=1)
    later = TUESDAY + timedelta(hours=1)

    assert reap(later, last=TUESDAY + timedelta(seconds=30)) == 0
    Claim.objects.filter(pk=lease.claim).update(lease_until=later + timedelta(seconds=130), doubted_at=None)  # it beat
    assert reap(later + timedelta(seconds=30), last=later) == 0
    assert reap(later + timedelta(seconds=120), last=later + timedelta(seconds=90)) == 1

    claims = [Message.objects.get(pk=message.pk).claim for message in messages]
    assert sorted(claims, key=str) == sorted([lease.claim, None], key=str)
    assert not Claim.objects.get(pk=dead.claim).open


def test_who_reaps_only_now_and_then_still_frees_what_is_dead():
    MessageFactory()
    claim(TUESDAY)
    hours = [TUESDAY + timedelta(hours=hour) for hour in range(1, 4)]

    assert [reap(now, last=now - timedelta(hours=1)) for now in hours] == [0, 1, 0]
