import pytest
from django.urls import reverse

from tests.factories import EnrolmentFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["cohort", "enrolment", "workshop"])
def test_the_support_desk_shows_where_things_stand_and_changes_nothing(client, kind):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    enrolment = EnrolmentFactory()
    row = {"cohort": enrolment.cohort, "enrolment": enrolment, "workshop": WorkshopFactory(cohort=enrolment.cohort)}[
        kind
    ]

    assert client.get(reverse(f"admin:cohorts_{kind}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:cohorts_{kind}_change", args=[row.pk])).status_code == 200
    assert client.post(reverse(f"admin:cohorts_{kind}_change", args=[row.pk]), {"state": "archived"}).status_code == 403
    assert client.get(reverse(f"admin:cohorts_{kind}_add")).status_code == 403
