"""After a restore nobody gets a third mail in a week, or two within 48 hours (MODEL P5): what may have gone counts."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.planning.together import planned_messages
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.restoring import confirm
from tests.factories import EnrolmentFactory, MessageFactory
from tests.outbox.people import BEFORE, calendar, cohort_dates, gone, only, recipient

MONDAY = datetime(2026, 10, 26, 8, tzinfo=UTC)  # of week 44
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR, settings.REDIS_URL = tmp_path, ""


@pytest.fixture
def enrolment(db):
    return EnrolmentFactory(cohort__state="draft")  # whose rules write nothing


def due(enrolment, at, **fields):
    return MessageFactory(enrolment=enrolment, due_at=at, local_at=at + timedelta(hours=1), **fields)


def counted():
    return list(WeeklyCount.objects.order_by("iso_week").values_list("iso_week", "mails", "last_at"))


def test_two_that_may_have_gone_leave_no_room_for_a_third(enrolment, mailoutbox):
    due(enrolment, MONDAY)
    due(enrolment, MONDAY + 2 * DAY)
    third = due(enrolment, MONDAY + 4 * DAY)
    confirm(MONDAY + 3 * DAY, MONDAY + 3 * DAY)

    send_due(MONDAY + 4 * DAY)
    third.refresh_from_db()

    assert mailoutbox == []
    assert counted() == [(44, 2, MONDAY + 2 * DAY)]
    assert third.due_at >= MONDAY + 7 * DAY - timedelta(hours=12)
    send_due(MONDAY + 7 * DAY)
    assert len(mailoutbox) == 1


def test_the_next_waits_48_hours_after_one_that_may_have_gone(enrolment, mailoutbox):
    due(enrolment, MONDAY)
    due(enrolment, MONDAY + DAY)
    confirm(MONDAY + DAY / 2, MONDAY + DAY / 2)

    send_due(MONDAY + DAY)
    assert mailoutbox == []
    send_due(MONDAY + 2 * DAY)
    assert len(mailoutbox) == 1


def test_they_come_on_top_of_what_the_backup_knows(enrolment):
    WeeklyCount.objects.create(person=enrolment.person, iso_year=2026, iso_week=44, mails=1, last_at=MONDAY)
    WeeklyCount.objects.create(person=enrolment.person, iso_year=2026, iso_week=43, mails=2, last_at=MONDAY - 5 * DAY)
    due(enrolment, MONDAY + 2 * DAY)

    confirm(MONDAY + 3 * DAY, MONDAY + 3 * DAY)

    assert counted() == [(43, 2, MONDAY - 5 * DAY), (44, 2, MONDAY + 2 * DAY)]


def test_two_of_a_day_count_once_and_calendar_mail_not_at_all(enrolment):
    due(enrolment, MONDAY)
    due(enrolment, MONDAY + timedelta(minutes=5))
    due(enrolment, MONDAY, kind="event", channel="calendar")
    due(enrolment, MONDAY + 7 * DAY)  # not due yet

    confirm(MONDAY + DAY, MONDAY + DAY)

    assert counted() == [(44, 1, MONDAY + timedelta(minutes=5))]


def test_nothing_is_counted_that_nobody_took_in_hand(enrolment):
    message = due(enrolment, MONDAY + DAY)

    confirm(MONDAY, MONDAY)

    assert counted() == []
    assert Message.objects.get().pk == message.pk


def test_planning_gives_their_place_to_nobody_either(programme):
    """Week 39 has room for two; the one that may have gone keeps its place although its row says held back."""
    dates, anna = cohort_dates(programme), recipient()
    everything = planned_messages(dates, calendar(), [anna], BEFORE)
    first = only(everything, "p-b1-question")
    row = next(one for one in gone(everything, first.due_at) if one.key == first.key)
    elsewhere = row.__class__(**vars(row) | {"key": (UUID(int=7), *row.key[1:])})
    lost = row.__class__(**vars(elsewhere) | {"state": "suppressed", "reason": "restored"})
    held_back = row.__class__(**vars(elsewhere) | {"state": "suppressed", "reason": "cap"})

    def days(history):
        planned = planned_messages(dates, calendar(), [anna], BEFORE, history)
        return sorted(one.due_at for one in planned if one.state == "planned")

    assert days([lost]) == days([elsewhere])
    assert days([lost]) != days([held_back])
