"""What a colleague in somebody's seat sees, what is new since last time, and who can be found to send."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Material, Substitution, Workshop
from tests.factories import EnrolmentFactory, MunicipalityFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)


@pytest.fixture
def travel(monkeypatch):
    def to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    to(TUESDAY)
    return to


@pytest.fixture
def enrolment(travel):
    return EnrolmentFactory(person__display_name="Plejehjemsleder")


@pytest.fixture
def workshop(enrolment):
    return WorkshopFactory(cohort=enrolment.cohort)


@pytest.fixture
def colleague(workshop, enrolment):
    """Has the seat."""
    person = UserFactory(display_name="Teamkoordinator")
    seat = {"enrolment": enrolment, "workshop": workshop, "state": "stands", "held_from": TUESDAY}
    Substitution.objects.create(substitute=person, **seat)
    return person


def page(client, workshop, person):
    client.force_login(person)
    return client.get(reverse("workshop", args=[workshop.pk]))


def test_a_colleague_sees_the_day_and_its_material_and_nothing_else(client, workshop, enrolment, colleague):
    Material.objects.create(workshop=workshop, title="Plancher", link="https://fjordby.example/p", added_at=TUESDAY)
    html = page(client, workshop, colleague).content.decode()

    assert "Du kommer i stedet for Plejehjemsleder" in html
    assert "Plancher" in html
    assert "Tag et foto eller en tegning med" in html
    assert "/forloeb/" not in html.partition("<main")[2]
    others = WorkshopFactory(cohort=workshop.cohort, key="w3")
    assert page(client, others, colleague).status_code == 404
    assert client.get(reverse("programme-of", args=[workshop.cohort_id])).status_code == 404


def test_a_seat_taken_back_closes_the_page_at_the_next_request(client, workshop, enrolment, colleague):
    client.force_login(enrolment.person)
    client.post(reverse("workshop-colleague-back", args=[workshop.pk]))

    assert page(client, workshop, colleague).status_code == 404


def test_a_colleague_can_decline_and_the_participant_is_asked_again(client, workshop, enrolment, colleague):
    client.force_login(colleague)
    client.post(reverse("seat-decline", args=[workshop.pk]))

    assert "Kommer du?" in page(client, workshop, enrolment.person).content.decode()


def test_only_colleagues_who_could_come_are_found_and_never_by_address(client, workshop, enrolment):
    UserFactory(display_name="Solveig Koordinator", email="hemmelig.adresse@fjordby.example")
    UserFactory(display_name="Solveig Rejst", is_active=False)
    UserFactory(display_name="Solveig Nabo", municipality=MunicipalityFactory(name="Nabo Kommune"))
    EnrolmentFactory(cohort=workshop.cohort, person__display_name="Solveig Deltager")
    client.force_login(enrolment.person)
    where = reverse("workshop-colleague", args=[workshop.pk])
    found = client.get(where, {"q": "solveig"}).content.decode()

    assert "Solveig Koordinator" in found
    assert not any(name in found for name in ("Solveig Rejst", "Solveig Nabo", "Solveig Deltager"))
    assert "Solveig" not in client.get(where, {"q": "hemmelig"}).content.decode()


def test_what_is_not_a_colleague_is_not_found(client, workshop, enrolment):
    client.force_login(enrolment.person)
    for given in ("nobody", str(enrolment.person.pk)):
        answer = client.post(reverse("workshop-colleague", args=[workshop.pk]), {"person": given})
        assert answer.status_code == 404

    assert not Substitution.objects.exists()


def test_what_is_new_since_last_time_is_said_for_a_whole_visit(client, workshop, enrolment, travel):
    assert "Nyt, siden du var her sidst" not in page(client, workshop, enrolment.person).content.decode()
    Workshop.objects.update(place="Biblioteket", ends_at=workshop.ends_at + timedelta(hours=1))
    Material.objects.create(workshop=workshop, title="Plancher", link="https://fjordby.example/p", added_at=TUESDAY)

    for minutes in (60, 70):
        travel(TUESDAY + timedelta(minutes=minutes))
        html = page(client, workshop, enrolment.person).content.decode()
        assert "Den er flyttet. Før: onsdag den 28.\u00a0oktober kl.\u00a008.30–14.30." in html
        assert "Stedet er et andet. Før: Rådhuset, sal 2." in html
        assert "Nyt materiale: Plancher." in html

    travel(TUESDAY + timedelta(hours=3))
    assert "Nyt, siden du var her sidst" not in page(client, workshop, enrolment.person).content.decode()


def test_who_waits_is_told_their_place_in_the_line(client, workshop, enrolment):
    Workshop.objects.update(seats=1)
    Attendance.objects.create(
        enrolment=EnrolmentFactory(cohort=workshop.cohort), workshop=workshop, response="accepted"
    )
    client.force_login(enrolment.person)
    client.post(reverse("workshop-answer", args=[workshop.pk]), {"response": "accepted"})

    assert "Du er nummer 1 på ventelisten" in page(client, workshop, enrolment.person).content.decode()


def test_material_is_added_once_by_those_who_run_it(client, workshop):
    client.force_login(workshop.cohort.owner_hr)
    where = reverse("workshop-material", args=[workshop.pk])
    for link in ("https://fjordby.example/p", "https://fjordby.example/p", "javascript:alert(1)"):
        client.post(where, {"title": "Plancher", "link": link})
    material = Material.objects.get()
    assert (material.title, material.link) == ("Plancher", "https://fjordby.example/p")

    client.post(reverse("workshop-material-remove", args=[workshop.pk, material.pk]))
    assert not Material.objects.exists()
