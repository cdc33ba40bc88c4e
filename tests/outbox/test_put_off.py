"""A message that its sender has put off goes by what holds when it leaves, and keeps no longer than it may wait."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.admission import admit
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.outbox.sending.reaping import sweep
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


# --- Waits that are no wait for a place in the week ------------------------------------------------------------------
A_DAY = timedelta(days=1)


def late(days, enrolment, **fields):
    at = TUESDAY - days * A_DAY
    usual = {"kind": "survey", "template": "p-wheel-mid", "due_at": at, "local_at": at, "expires_at": at + 28 * A_DAY}
    return MessageFactory(enrolment=enrolment, **usual | fields)


def test_of_two_senders_one_comes_again_in_a_minute_however_late_it_is():
    enrolment = EnrolmentFactory()
    waits = late(10, enrolment)
    late(9, enrolment, kind="conversation", template="p-sponsor-before")
    mine, _theirs = claim(TUESDAY, batch=1), claim(TUESDAY, batch=1)

    assert admit(mine, TUESDAY) == []

    assert state_of(waits) == (State.DUE, "")
    assert waits.due_at == TUESDAY + timedelta(minutes=1)


def test_who_has_had_a_calendar_mail_today_is_asked_tomorrow_however_late_it_is(mailoutbox):
    Pulse.objects.update_or_create(pk=1, defaults={"catching_up_since": TUESDAY})
    enrolment = EnrolmentFactory()
    MessageFactory(enrolment=enrolment, kind="event", channel="calendar", state=State.SENT, sent_at=TUESDAY)
    waits = late(9, enrolment)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(waits) == (State.DUE, "")
    assert waits.due_at.date() == (TUESDAY + A_DAY).date()


def test_what_would_have_to_wait_beyond_its_end_is_held_back_at_once():
    Pulse.objects.update_or_create(pk=1, defaults={"catching_up_since": TUESDAY})
    enrolment = EnrolmentFactory()
    MessageFactory(enrolment=enrolment, kind="event", channel="calendar", state=State.SENT, sent_at=TUESDAY)
    ends_today = late(9, enrolment, expires_at=TUESDAY + timedelta(hours=3))

    send_due(TUESDAY)

    assert state_of(ends_today) == (State.SUPPRESSED, "cap")


# --- What cannot wait for the morning (MODEL S3) ---------------------------------------------------------------------
EVE = datetime(2026, 10, 27, 15, 0, tzinfo=UTC)  # 16:00, the window is closed; the workshop begins at 08:30


@pytest.fixture
def workshop():
    workshop = WorkshopFactory(cohort=EnrolmentFactory().cohort)
    plan_invitations(workshop.cohort, TUESDAY - timedelta(days=14))
    send_due(TUESDAY - timedelta(days=14))
    return workshop


def put_off_by_three_weeks(workshop):
    shift = timedelta(days=21)
    slot = Slot(workshop.starts_at + shift, workshop.ends_at + shift, workshop.place, workshop.link)
    workshops.move(workshop, slot, calendar=calendar_of(workshop.cohort), now=EVE)
    plan_invitations(workshop.cohort, EVE)


def test_who_would_come_tomorrow_hears_tonight_that_it_is_in_three_weeks(workshop, mailoutbox):
    put_off_by_three_weeks(workshop)

    send_due(EVE + timedelta(minutes=10))

    assert [message.template for message in Message.objects.filter(state=State.SENT, sent_at__gt=EVE)] == ["moved"]


def test_who_would_come_tomorrow_hears_tonight_that_it_is_off(workshop, mailoutbox):
    put_off_by_three_weeks(workshop)
    workshop.refresh_from_db()
    workshops.cancel(workshop, reason="Sygdom", now=EVE + timedelta(minutes=2))
    plan_invitations(workshop.cohort, EVE + timedelta(minutes=2))

    send_due(EVE + timedelta(minutes=10))

    assert len(mailoutbox) == 2
    assert Message.objects.filter(template="cancellation", state=State.SENT).exists()


def test_whom_it_reaches_in_good_time_anyway_is_left_in_peace_at_night(workshop, mailoutbox):
    Message.objects.filter(state=State.SENT).update(expires_at=EVE + timedelta(days=3))
    put_off_by_three_weeks(workshop)

    send_due(EVE + timedelta(minutes=10))

    assert len(mailoutbox) == 1


def test_what_travels_along_does_not_wait_beyond_its_own_end_for_another_try(monkeypatch):
    def not_now(self, mail, before_dot):
        raise channels.Postponed(450)

    monkeypatch.setattr(channels.PlainChannel, "send", not_now)
    lead = MessageFactory(kind="conversation", template="p-sponsor-mid", tries=2)
    along = MessageFactory(enrolment=lead.enrolment, expires_at=TUESDAY + timedelta(minutes=30))
    send_due(TUESDAY)

    sweep(TUESDAY + timedelta(minutes=31))

    assert (state_of(lead), state_of(along)) == ((State.DUE, ""), (State.SUPPRESSED, "stale"))
    assert lead.due_at > TUESDAY + timedelta(hours=4)
