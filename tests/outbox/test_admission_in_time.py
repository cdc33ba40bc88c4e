"""The world changes while a batch is on its way: what is no longer wanted stays (DELIVERY §6; MODEL I12, P5)."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.models import Message, Pulse, WeeklyCount
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.admission import admit
from courseplatform.outbox.sending.batches import Batch, send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.database_clock import boot_time
from courseplatform.people.models import NotificationPreference
from tests.factories import EnrolmentFactory, MessageFactory, WorkshopFactory

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
State = Message.State


def from_another_session(work):
    """On a connection of its own, committed when this returns."""

    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


class Interrupted:
    """A way out on which something happens while the first mail is on its way, and time goes by."""

    idempotent = False

    def __init__(self, channel, meanwhile):
        self.channel, self.meanwhile, self.batch = channel, meanwhile, None

    def send(self, letter, before_dot):
        if self.meanwhile:
            happens, self.meanwhile = self.meanwhile, None
            from_another_session(happens)
            self.batch.looked -= 2.5
        return self.channel.send(letter, before_dot)


def send_while(meanwhile):
    lease = claim(TUESDAY)
    with channels.open_channel(TUESDAY) as channel:
        way_out = Interrupted(channel, meanwhile)
        way_out.batch = Batch(lease, way_out, TUESDAY, boot_time() + 50)
        assert way_out.batch.send()


CHANGES = {
    "withdrawn": (
        lambda message: Enrolment.objects.filter(pk=message.enrolment_id).update(state=Enrolment.State.WITHDRAWN),
        (State.CANCELLED, "not_enrolled"),
    ),
    "paused": (
        lambda message: NotificationPreference.objects.create(person=message.person, pause_until=date(2026, 11, 3)),
        (State.SUPPRESSED, "paused"),
    ),
    "muted": (
        lambda message: NotificationPreference.objects.create(person=message.person, muted_classes=["reminder"]),
        (State.SUPPRESSED, "muted"),
    ),
    "cancelled": (
        lambda message: Workshop.objects.filter(pk=message.workshop_id).update(state=Workshop.State.CANCELLED),
        (State.CANCELLED, "event_cancelled"),
    ),
    "called off": (
        lambda message: Cohort.objects.filter(pk=message.enrolment.cohort_id).update(state=Cohort.State.CANCELLED),
        (State.CANCELLED, "cohort_cancelled"),
    ),
    "asked to stop": (
        lambda message: Message.objects.filter(pk=message.pk).update(cancel_asked=True),
        (State.CANCELLED, "cancelled"),
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a second session must write while the first reads")
def test_what_somebody_commits_between_the_slice_and_the_dot_holds_the_mail_back():
    for change, (happens, outcome) in CHANGES.items():
        for which in ("the mail in hand", "the next one"):
            assert held_back(happens, in_hand=which == "the mail in hand") == outcome, f"{change}: {which}"


def held_back(happens, *, in_hand):
    """What becomes of one of two messages when that happens to it; the other one must go."""
    mail.outbox.clear()
    first, second = reminder(9), reminder(8)
    unwanted, wanted = (first, second) if in_hand else (second, first)

    send_while(lambda: happens(unwanted))

    assert [sent.to for sent in mail.outbox] == [[wanted.person.email]]
    assert Message.objects.get(pk=wanted.pk).state == State.SENT
    after = Message.objects.get(pk=unwanted.pk)
    return after.state, after.reason


def reminder(minutes):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    at = TUESDAY - timedelta(minutes=minutes)
    return MessageFactory(
        enrolment=enrolment, kind="reminder", template="p-w2-prepare", workshop=workshop, due_at=at, priority=1
    )


# --- Two senders, one person -----------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_senders_that_hold_one_persons_messages_send_one_mail():
    first = MessageFactory(due_at=TUESDAY - timedelta(minutes=5))
    second = MessageFactory(enrolment=first.enrolment, due_at=TUESDAY - timedelta(minutes=4))
    mine, theirs = claim(TUESDAY, batch=1), claim(TUESDAY, batch=1)

    assert admit(mine, TUESDAY) == []  # the other one has a message of that person in hand
    groups = admit(theirs, TUESDAY)

    # It took the first along.
    assert [{one.pk for one in group.messages} for group in groups] == [{first.pk, second.pk}]
    assert set(Message.objects.values_list("claim", flat=True)) == {theirs.claim}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="two sessions at the same instant")
def test_two_senders_at_the_same_instant_keep_to_the_weekly_cap():
    people = [MessageFactory(due_at=TUESDAY - timedelta(minutes=60)) for _ in range(6)]
    for first in people:
        other = EnrolmentFactory(person=first.person, cohort__name="Et andet hold")
        MessageFactory(enrolment=other, due_at=TUESDAY - timedelta(minutes=30))
    claimed, errors = threading.Barrier(2), []

    def sender():
        try:
            lease = claim(TUESDAY, batch=6)
            claimed.wait(20)
            with channels.open_channel(TUESDAY) as channel:
                Batch(lease, channel, TUESDAY, boot_time() + 50).send()
        except Exception as error:  # noqa: BLE001 - reported below, from the main thread
            errors.append(error)
        finally:
            connection.close()

    senders = [threading.Thread(target=sender) for _ in range(2)]
    for one in senders:
        one.start()
    for one in senders:
        one.join()
    assert errors == []
    at_once = [sent.to[0] for sent in mail.outbox]
    assert len(at_once) == len(set(at_once))

    send_due(TUESDAY + timedelta(minutes=2))

    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(first.person.email for first in people)
    assert set(WeeklyCount.objects.values_list("mails", flat=True)) == {1}
    assert WeeklyCount.objects.count() == len(people)


# --- After a standstill ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_while_we_catch_up_one_mail_a_day_is_enough(mailoutbox):
    Pulse.objects.update_or_create(pk=1, defaults={"catching_up_since": TUESDAY})
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    question = MessageFactory(enrolment=enrolment)
    change = MessageFactory(
        enrolment=enrolment, kind="event", channel="calendar", template="invitation", workshop=workshop, priority=0
    )
    elsewhere = MessageFactory()

    send_due(TUESDAY)

    assert Message.objects.get(pk=change.pk).state == State.SENT  # first, before all questions
    waits = Message.objects.get(pk=question.pk)
    assert (waits.state, waits.due_at) == (State.DUE, datetime(2026, 10, 28, 7, 30, tzinfo=UTC))
    assert [sent.to[0] for sent in mailoutbox] == [enrolment.person.email, elsewhere.person.email]
    send_due(waits.due_at)
    assert Message.objects.get(pk=question.pk).state == State.SENT


@pytest.mark.django_db
def test_on_an_ordinary_day_a_question_may_follow_a_change(mailoutbox):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    MessageFactory(enrolment=enrolment)
    MessageFactory(
        enrolment=enrolment, kind="event", channel="calendar", template="invitation", workshop=workshop, priority=0
    )

    send_due(TUESDAY)

    assert len(mailoutbox) == 2
