"""Roles open doors, so nobody hands one to themselves."""

import pytest

from courseplatform.people.models import AuditEvent, RoleAssignment
from tests.factories import MunicipalityFactory, UserFactory

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
