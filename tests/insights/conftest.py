"""A cohort in the middle of its programme, with as many people as a test asks for."""

from datetime import UTC, datetime

import pytest

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, LessonProgress
from lessons.versions import programme as programme_of
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    RoleFactory,
    UnitFactory,
    UserFactory,
    WorkshopFactory,
)

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)  # week 9, the day before workshop 2


@pytest.fixture(autouse=True)
def tuesday(monkeypatch):
    """The day of the mock's pictures."""
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)


@pytest.fixture
def hr():
    person = UserFactory(email="hr@fjordby.example", display_name="HR-konsulent", language="en")
    RoleFactory(person=person, kind="hr")
    CalendarPolicyFactory(municipality=person.municipality)
    return person


@pytest.fixture
def browser(client, hr):
    client.force_login(hr)
    return client


@pytest.fixture
def make_cohort(hr):
    def make(people=6, **fields):
        cohort = CohortFactory(owner_hr=hr, **fields)
        programme_of(cohort.programme_version.digest)  # read once per process, so not part of a page's queries
        workshop = WorkshopFactory(cohort=cohort)
        group = GroupFactory(cohort=cohort, name="Gruppe 1")
        MeetingFactory(group=group, key="g2")
        unit = UnitFactory()
        for number in range(people):
            enrolment = EnrolmentFactory(cohort=cohort, person__org_unit=unit)
            if number < 8:
                MembershipFactory(group=group, enrolment=enrolment)
            LessonProgress.objects.create(enrolment=enrolment, lesson_key="a1-1", state="done")
            Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="accepted")
            MessageFactory(enrolment=enrolment, state="sent", sent_at=TUESDAY)
        return cohort

    return make
