"""The support desk: people, units, roles and the trail. Nothing written, and no way into what somebody wrote."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record
from tests.factories import RoleFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True, display_name="Driftsansvarlig"))
    return client


def address(kind, what, *args):
    return reverse(f"admin:people_{kind}_{what}", args=args)


@pytest.mark.parametrize("desk", ["/support/", "/cms/"])
def test_a_stranger_is_asked_to_sign_in_and_then_comes_back(client, desk):
    asked = client.get(desk, follow=True)

    assert asked.request["PATH_INFO"] == "/konto/login/"
    assert f'name="next" value="{desk}"' in asked.content.decode()


@pytest.mark.parametrize("desk", ["/support/", "/cms/"])
def test_who_does_not_work_there_is_told_so(client, desk):
    client.force_login(UserFactory())
    told = client.get(desk, follow=True)

    assert told.status_code == 403
    assert "Siden er til en anden" in told.content.decode()


def test_whose_page_is_opened_can_see_that_it_was(operator):
    person = UserFactory()
    for _ in range(2):
        assert operator.get(address("user", "change", person.pk)).status_code == 200
    operator.get(address("user", "changelist"), {"q": person.email})

    [event] = AuditEvent.objects.all()
    assert (str(event.actor), event.about) == ("Driftsansvarlig", person)
    assert event.purpose == "Åbnede dit navn, din adresse og din plads på driftssiderne."


def test_a_person_is_found_by_name_and_by_address(operator):
    UserFactory(display_name="Plejehjemsleder, Engholm", email="engholm@fjordby.example")
    UserFactory(display_name="Leder, Byggesag", email="byggesag@fjordby.example")

    for words in ("Engholm", "engholm@"):
        html = operator.get(address("user", "changelist"), {"q": words}).content.decode()
        assert "Plejehjemsleder, Engholm" in html
        assert "Leder, Byggesag" not in html


def test_a_new_person_has_no_password_that_anybody_knows(operator):
    unit = UnitFactory()
    new = {"email": "Ny.Leder@Fjordby.example", "display_name": "Ny leder", "municipality": unit.municipality.pk}
    operator.post(address("user", "add"), new)

    person = User.objects.get(email="ny.leder@fjordby.example")
    assert not person.has_usable_password()


def test_no_address_changes_hands_at_the_desk(operator):
    person = UserFactory(email="engholm@fjordby.example")
    changed = {
        "email": "driften@fjordby.example",
        "display_name": "Nyt navn",
        "level": "leder",
        "language": "en",
        "is_active": "on",
    }
    assert operator.post(address("user", "change", person.pk), changed).status_code == 302

    person.refresh_from_db()
    assert (person.email, person.display_name, person.language) == ("engholm@fjordby.example", "Nyt navn", "en")


def test_nobody_is_deleted_at_the_desk(operator):
    person = UserFactory()

    assert operator.post(address("user", "delete", person.pk), {"post": "yes"}).status_code == 403


def test_the_trail_can_be_read_and_never_changed(operator):
    record(
        UserFactory(),
        "read",
        UserFactory(),
        about=UserFactory(),
        purpose="Delt",
        now=datetime(2026, 10, 27, tzinfo=UTC),
    )
    event = AuditEvent.objects.get()

    assert operator.get(address("auditevent", "changelist")).status_code == 200
    assert operator.get(address("auditevent", "change", event.pk)).status_code == 200
    assert operator.post(address("auditevent", "change", event.pk), {"purpose": "x"}).status_code == 403
    assert operator.post(address("auditevent", "delete", event.pk), {"post": "yes"}).status_code == 403
    assert operator.get(address("auditevent", "add")).status_code == 403


@pytest.mark.parametrize(("kind", "queries"), [("user", 6), ("orgunit", 6), ("roleassignment", 6), ("auditevent", 7)])
@pytest.mark.parametrize("rows", [2, 20])
def test_a_list_asks_the_same_for_two_rows_as_for_twenty(operator, kind, queries, rows, django_assert_num_queries):
    for number in range(rows):
        person = UserFactory(org_unit=UnitFactory(name=f"Enhed {number}"))
        RoleFactory(person=person)
        record(person, "read", person, about=UserFactory(), purpose="Delt", now=datetime(2026, 10, 27, tzinfo=UTC))

    with django_assert_num_queries(queries):
        operator.get(address(kind, "changelist"))
