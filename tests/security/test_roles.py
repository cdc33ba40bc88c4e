"""Roles open doors, so nobody hands one to themselves."""

import pytest
from django.urls import reverse

from courseplatform.people.models import AuditEvent, RoleAssignment
from tests.factories import CohortFactory, MunicipalityFactory, RoleFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    person = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def give(client, person, kind="hr"):
    row = {"person": str(person.pk), "municipality": str(MunicipalityFactory().pk), "kind": kind}
    return client.post("/support/people/roleassignment/add/", row)


def test_an_administrator_cannot_give_themselves_a_role(client, administrator):
    assert give(client, administrator).status_code == 409
    assert not RoleAssignment.objects.exists()


def test_whoever_gets_a_role_sees_who_gave_it(client, administrator):
    person = UserFactory()
    assert give(client, person).status_code == 302
    event = AuditEvent.objects.get(about=person)
    assert (event.actor, event.action) == (administrator, "role")


@pytest.fixture
def cohort():
    return WorkshopFactory(cohort=CohortFactory()).cohort


def addresses(cohort):
    workshop = cohort.workshops.get()
    return [
        reverse("cohorts"),
        *(reverse(name, args=[cohort.pk]) for name in ("cohort", "cohort-messages", "cohort-people", "cohort-groups")),
        reverse("cohort-step", args=[cohort.pk, "cancel"]),
        *(reverse(name, args=[workshop.pk]) for name in ("workshop", "workshop-hr", "workshop-move")),
    ]


def test_who_is_no_longer_hr_runs_not_even_the_cohort_they_made(client, cohort):
    client.force_login(cohort.owner_hr)
    assert {client.get(address).status_code for address in addresses(cohort)} == {200}
    RoleAssignment.objects.filter(person=cohort.owner_hr).delete()
    RoleFactory(person=cohort.owner_hr, municipality=MunicipalityFactory(name="Nabokommunen"))

    first, *others = addresses(cohort)
    assert cohort.name not in client.get(first).content.decode()
    assert [client.get(address).status_code for address in others] == [404] * len(others)
    assert client.post(reverse("cohort-step", args=[cohort.pk, "complete"])).status_code == 404


def test_another_hr_of_the_municipality_takes_it_over_once(client, cohort):
    first, second = (RoleFactory(municipality=cohort.municipality).person for _ in range(2))
    RoleAssignment.objects.filter(person=cohort.owner_hr).delete()
    step = reverse("cohort-step", args=[cohort.pk, "take-over"])
    client.force_login(first)

    assert step in client.get(reverse("cohort", args=[cohort.pk])).content.decode()
    assert client.post(step).status_code == 302
    cohort.refresh_from_db()
    assert cohort.owner_hr == first
    assert step not in client.get(reverse("cohort", args=[cohort.pk])).content.decode()
    client.force_login(second)
    assert "HR-konsulent" not in client.get(step).content.decode()
