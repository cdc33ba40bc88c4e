"""Real threads with connections of their own: the database decides, not luck."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, OperationalError, connection, transaction

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.reaping import reap
from tests.factories import EnrolmentFactory, MessageFactory

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)


def at_once(work, threads=4):
    """Runs it in several threads that start together; their results."""
    barrier, results, errors = threading.Barrier(threads), [], []

    def run():
        try:
            barrier.wait()
            results.append(patiently(work))
        except Exception as error:  # noqa: BLE001 - reported below, from the main thread
            errors.append(error)
        finally:
            connection.close()

    started = [threading.Thread(target=run) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert errors == []
    return results


def patiently(work):
    """SQLite has one writer; who finds it busy for five seconds comes again."""
    for _ in range(20):
        try:
            return work()
        except OperationalError as error:
            if "locked" not in str(error):
                raise
    raise AssertionError("locked for ever")


@pytest.mark.django_db(transaction=True)
def test_racing_claims_never_share_a_message():
    cohort = EnrolmentFactory().cohort
    MessageFactory.create_batch(40, enrolment__cohort=cohort)

    def claim_all():
        leases = []
        while lease := claim(TUESDAY, batch=3):
            leases.append(lease)
        return leases

    leases = [lease for leases in at_once(claim_all) for lease in leases]

    claimed = Counter(Message.objects.filter(state="claimed").values_list("claim", flat=True))
    assert sum(lease.size for lease in leases) == 40
    assert {lease.claim: lease.size for lease in leases} == dict(claimed)


@pytest.mark.django_db(transaction=True)
def test_racing_senders_send_each_message_once():
    cohort = EnrolmentFactory().cohort
    messages = MessageFactory.create_batch(12, enrolment__cohort=cohort)

    at_once(lambda: send_due(TUESDAY), threads=3)

    assert Counter(sent.to[0] for sent in mail.outbox) == {message.person.email: 1 for message in messages}
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_racing_reapers_free_a_batch_once():
    MessageFactory()
    claim(TUESDAY)

    freed = at_once(lambda: reap(TUESDAY + timedelta(minutes=3)))

    assert sorted(freed) == [0, 0, 0, 1]
    assert Message.objects.get().crashes == 1


@pytest.mark.django_db
def test_a_sender_that_lost_its_lease_settles_nothing(mailoutbox):
    from courseplatform.outbox.sending.claiming import settle

    message = MessageFactory()
    lost = claim(TUESDAY)
    reap(TUESDAY + timedelta(minutes=3))
    Message.objects.update(due_at=TUESDAY)
    new = claim(TUESDAY + timedelta(minutes=4))

    assert settle(lost.claim, [message.pk], state="sent") == 0
    assert Message.objects.get().claim == new.claim


@pytest.mark.django_db
def test_the_database_itself_refuses_the_same_message_twice():
    first = MessageFactory()
    same = {name: getattr(first, name) for name in ("enrolment", "template", "occurrence_key", "channel")}

    with pytest.raises(IntegrityError), transaction.atomic():
        MessageFactory(**same)
    MessageFactory(**same | {"channel": "in_app"})

    assert Message.objects.count() == 2
