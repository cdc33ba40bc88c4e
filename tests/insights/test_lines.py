"""HR's three lines: the days of a cohort, with links where HR may go and nowhere else."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import LessonProgress
from tests.factories import CohortFactory, EnrolmentFactory, GroupFactory, MeetingFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


def test_a_workshop_leads_to_its_page_and_what_is_the_managers_own_leads_nowhere(client):
    cohort = CohortFactory()
    workshop = WorkshopFactory(cohort=cohort)
    MeetingFactory(group=GroupFactory(cohort=cohort))
    read_at = datetime(2026, 9, 1, tzinfo=UTC)
    enrolment = EnrolmentFactory(cohort=cohort)
    LessonProgress.objects.create(enrolment=enrolment, lesson_key="a1-1", state="done", completed_at=read_at)
    client.force_login(cohort.owner_hr)
    page = client.get(reverse("cohort-lines", args=[cohort.pk])).content.decode()
    main = page[page.index("lines-head") : page.index("</main>")]

    assert set(re.findall(r'href="(/[^"]+)"', main)) == {reverse("workshop-hr", args=[workshop.pk])}
    assert "læst)" not in main
