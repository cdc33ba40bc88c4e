"""HR sees that messages go out, and not how somebody has chosen to receive them."""

import pytest
from django.urls import reverse

from tests.factories import EnrolmentFactory, MessageFactory, RoleFactory

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
