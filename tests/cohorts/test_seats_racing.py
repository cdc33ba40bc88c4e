"""Yeses that come at the same instant: the workshop's row decides their order, and there are never too many."""

from datetime import UTC, datetime

import pytest

from courseplatform.cohorts.models import Attendance, CheckIn
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.cohorts.transitions.check_in import check_in
from tests.factories import EnrolmentFactory, WorkshopFactory
from tests.outbox.test_racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY = datetime(2026, 10, 26, 9, tzinfo=UTC)


def test_the_last_seat_is_given_to_one_of_those_who_say_yes_at_once():
    first = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=first.cohort, seats=2)
    left = [first, *EnrolmentFactory.create_batch(3, cohort=first.cohort)]
    at_once(lambda: answer_workshop(workshop, left.pop(), "accepted", now=MONDAY))

    assert sorted(Attendance.objects.values_list("response", flat=True)) == ["accepted"] * 2 + ["waiting"] * 2


def test_two_scans_at_once_are_one_check_in():
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    arrival = {"scanned_at": workshop.starts_at, "now": workshop.starts_at}
    rows = at_once(lambda: check_in(workshop, enrolment.person, **arrival))

    assert {row.pk for row in rows} == {CheckIn.objects.get().pk}
    assert Attendance.objects.get().notes.count() == 1
