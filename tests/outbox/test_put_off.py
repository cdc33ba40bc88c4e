"""A message that its sender has put off goes by what holds when it leaves, and keeps no longer than it may wait."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)  # 09:00 in Copenhagen
State = Message.State


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def prepares(workshop, enrolment, **fields):
    usual = {"kind": "reminder", "template": "p-w2-prepare", "occurrence_key": f"{workshop.pk}:0:p-w2-prepare:0"}
    return MessageFactory(enrolment=enrolment, workshop=workshop, **usual | fields)


def test_a_reminder_that_was_put_off_is_not_sent_once_its_workshop_has_begun(mailoutbox):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort, starts_at=TUESDAY - timedelta(minutes=30))
    before = prepares(workshop, enrolment)
    after = MessageFactory(template="p-w1-after", workshop=workshop, occurrence_key=f"{workshop.pk}:0:p-w1-after:0")

    send_due(TUESDAY)

    assert state_of(before) == (State.SUPPRESSED, "too_late")
    assert state_of(after) == (State.SENT, "")


def test_a_reminder_of_a_date_that_has_moved_away_leaves_its_place_to_the_new_one(mailoutbox):
    enrolment = EnrolmentFactory()
    far = TUESDAY + timedelta(days=21)
    ends_at = far + timedelta(hours=6)
    workshop = WorkshopFactory(cohort=enrolment.cohort, starts_at=far, ends_at=ends_at, move_generation=1)
    old = prepares(workshop, enrolment)
    new = prepares(workshop, enrolment, occurrence_key=f"{workshop.pk}:1:p-w2-prepare:0")

    send_due(TUESDAY)

    assert (state_of(old), state_of(new)) == ((State.CANCELLED, "replaced"), (State.SENT, ""))


@pytest.mark.parametrize(("has_another", "reason"), [(True, "replaced"), (False, "no_line_manager")])
def test_who_is_the_line_manager_no_more_is_not_asked_to_talk(mailoutbox, has_another, reason):
    former, now = UserFactory(), UserFactory() if has_another else None
    enrolment = EnrolmentFactory(person__line_manager=now)
    message = MessageFactory(enrolment=enrolment, kind="conversation", template="p-sponsor-mid.sponsor", person=former)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.CANCELLED, reason)
