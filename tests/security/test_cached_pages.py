"""What somebody looked at while signed in is in no cache when the next person sits down."""

import pytest
from django.urls import reverse

from tests.factories import EnrolmentFactory, RoleFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["home", "me", "hr-sees", "programme-of", "log", "group", "cohorts", "cohort-new"])
def test_pages_of_the_signed_in_are_kept_by_no_cache(name, client):
    enrolment = EnrolmentFactory()
    RoleFactory(person=enrolment.person)
    client.force_login(enrolment.person)

    response = client.get(reverse(name, args=[enrolment.cohort_id] if name == "programme-of" else []))

    assert response.status_code == 200
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_what_is_missing_is_kept_by_no_cache_either(client):
    client.force_login(EnrolmentFactory().person)

    response = client.get("/findes-ikke/")

    assert response.status_code == 404
    assert "no-store" in response["Cache-Control"]
