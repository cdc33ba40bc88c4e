"""A break of one's own: nothing during it, and of its questions the latest after it (MODEL P8, §7)."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from tests.factories import CalendarPolicyFactory, EnrolmentFactory

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
MONDAY = datetime(2026, 10, 19, 5, tzinfo=UTC)  # the question of the 27th is the last before the 9th of November


@pytest.fixture
def person():
    enrolment = EnrolmentFactory()
    CalendarPolicyFactory(municipality=enrolment.cohort.municipality)
    return enrolment.person


@pytest.fixture
def press(client, person):
    client.force_login(person)

    def at(now, path, **data):
        with time_machine.travel(now, tick=False):
            client.post(path, data)

    return at


def days_pass(first, last):
    """Plans and sends once a day."""
    for number in range((last - first.date()).days):
        now = first + number * A_DAY
        plan(now)
        send_due(now + timedelta(hours=3))


def questions(**fields):
    asked = Message.objects.filter(kind="prompt", is_follow_up=False, due_at__gte=MONDAY, **fields)
    return [(one.template, one.due_at.date()) for one in asked.order_by("due_at")]


def test_the_latest_question_of_a_long_break_comes_after_it(person, press):
    press(MONDAY, "/min-side/pause/", weeks=3)
    days_pass(MONDAY, date(2026, 11, 9))
    assert questions(state="sent") == []

    days_pass(datetime(2026, 11, 9, 5, tzinfo=UTC), date(2026, 11, 11))
    assert questions(state="sent") == [("p-a2-tuesday", date(2026, 11, 9))]


def test_who_is_back_early_gets_the_latest_question_and_no_more_of_what_was_missed(person, press):
    back = datetime(2026, 10, 29, 5, tzinfo=UTC)
    press(MONDAY, "/min-side/pause/", weeks=3)
    days_pass(MONDAY, back.date())
    press(back, "/min-side/pause/slut/")
    days_pass(back, date(2026, 10, 31))

    assert questions(state="sent") == [("p-a2-tuesday", back.date())]
