"""HR sees that messages go out, and not how somebody has chosen to receive them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform.cohorts.transitions.event import Slot
from courseplatform.insights.what_if.cohort import if_cancelled, if_everybody_says_yes, if_moved
from courseplatform.outbox.models import Message
from courseplatform.people.models import NotificationPreference
from tests.factories import CalendarPolicyFactory, EnrolmentFactory, MessageFactory, RoleFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", ["answered", "muted", "paused"])
def test_hr_is_not_told_which_choice_of_a_persons_holds_a_message_back(client, reason):
    enrolment = EnrolmentFactory()
    MessageFactory(enrolment=enrolment, state="suppressed", reason=reason)
    hr = enrolment.cohort.owner_hr
    RoleFactory(person=hr)
    client.force_login(hr)

    page = client.get(reverse("cohort-messages", args=[enrolment.cohort_id]))

    assert [row.why for row in page.context["rows"]] == [""]
    assert [row.state for row in page.context["rows"]] == ["sendt, eller holdt tilbage af hensyn til lederen selv"]


STOPPED = {"muted_classes": [kind.value for kind in Message.Kind]}


@pytest.mark.parametrize("wish", [STOPPED, {"pause_until": date(2026, 12, 20)}, {"digest": "weekly", "digest_day": 4}])
def test_what_hr_is_shown_beforehand_counts_nobodys_wishes(wish):
    workshop, now = WorkshopFactory(), datetime(2026, 10, 20, 8, tzinfo=UTC)
    CalendarPolicyFactory(municipality=workshop.cohort.municipality)
    person = EnrolmentFactory(cohort=workshop.cohort).person
    later = Slot(workshop.starts_at + timedelta(days=7), workshop.ends_at + timedelta(days=7), "Rådhuset")

    def shown():
        changes = (if_moved(workshop, later, now), if_cancelled(workshop, now))
        return if_everybody_says_yes(workshop.cohort, now), changes

    before = shown()
    NotificationPreference.objects.create(person=person, **wish)

    assert shown() == before
    assert before[0]
    assert all(consequence.changes for consequence in before[1])
