"""Fremmøde: noted on a phone, corrected with a reason, and those looked at can see that they were."""

from datetime import timedelta

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Substitution
from courseplatform.people.models import AuditEvent
from tests.factories import EnrolmentFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolment():
    return EnrolmentFactory(person__display_name="Plejehjemsleder")


@pytest.fixture
def workshop(enrolment, monkeypatch):
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    monkeypatch.setattr(clock, "now", lambda: workshop.starts_at + timedelta(minutes=5))
    return workshop


@pytest.fixture
def facilitator(workshop, client):
    facilitator = UserFactory()
    workshop.cohort.facilitators.add(facilitator)
    client.force_login(facilitator)
    return facilitator


def address(workshop, enrolment=None):
    if enrolment:
        return reverse("attendance-correct", args=[workshop.pk, enrolment.pk])
    return reverse("attendance", args=[workshop.pk])


def outcome(enrolment):
    return Attendance.objects.get(enrolment=enrolment).outcome


def test_many_are_noted_at_once_and_who_is_not_chosen_stays_open(client, workshop, enrolment, facilitator):
    part, left_open = EnrolmentFactory.create_batch(2, cohort=workshop.cohort)
    client.post(address(workshop), {f"row-{enrolment.pk}": "attended", f"row-{part.pk}": "part"})

    assert (outcome(enrolment), outcome(part)) == ("attended", "part")
    assert not Attendance.objects.filter(enrolment=left_open).exists()


def test_the_list_changes_nothing_that_is_noted_and_a_correction_gives_its_reason(
    client, workshop, enrolment, facilitator
):
    client.post(address(workshop), {f"row-{enrolment.pk}": "attended"})
    client.post(address(workshop), {f"row-{enrolment.pk}": "absent"})
    assert outcome(enrolment) == "attended"

    correction = {"outcome": "part", "before": "attended", "reason": "Gik ved frokost."}
    client.post(address(workshop, enrolment), correction)
    assert outcome(enrolment) == "part"

    client.force_login(enrolment.person)
    assert "Gik ved frokost." in client.get(reverse("workshop", args=[workshop.pk])).content.decode()


def test_being_looked_at_is_written_down_once_a_day(client, workshop, enrolment, facilitator):
    EnrolmentFactory(cohort=workshop.cohort)
    for _look in range(2):
        client.get(address(workshop))

    events = AuditEvent.objects.filter(actor=facilitator, action="read_attendance")
    assert events.count() == 2
    assert events.get(about=enrolment.person).purpose == "Så dit svar og dit fremmøde til en workshop."


def test_a_line_manager_sees_the_name_alone_and_notes_nothing(client, workshop, enrolment, facilitator):
    enrolment.person.line_manager = facilitator
    enrolment.person.save()
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="declined", outcome="absent")
    html = client.get(address(workshop)).content.decode()

    assert "Plejehjemsleder" in html
    assert "kan ikke" not in html
    assert "Udeblevet</b>" not in html
    assert client.get(address(workshop, enrolment)).status_code == 404
    assert not AuditEvent.objects.filter(about=enrolment.person).exists()
    client.post(address(workshop), {f"row-{enrolment.pk}": "attended"})
    assert outcome(enrolment) == "absent"


def test_hr_sees_who_comes_and_lets_a_new_colleague_in(client, workshop, enrolment, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: workshop.starts_at - timedelta(days=2))
    asked = {"name": "Ny Kollega", "email": "ny@fjordby.example"}
    row = Substitution.objects.create(enrolment=enrolment, workshop=workshop, **asked)
    client.force_login(workshop.cohort.owner_hr)
    page = reverse("workshop-hr", args=[workshop.pk])
    assert "Plejehjemsleder vil gerne sende Ny Kollega, ny@fjordby.example" in client.get(page).content.decode()

    client.post(reverse("seat-confirm", args=[workshop.pk, row.pk]), {"answer": "yes"})

    row.refresh_from_db()
    assert (row.state, row.substitute.email) == ("stands", "ny@fjordby.example")
    assert row.substitute.messages.get().template == "seat"
    assert "Ny Kollega kommer i stedet for Plejehjemsleder" in client.get(page).content.decode()
