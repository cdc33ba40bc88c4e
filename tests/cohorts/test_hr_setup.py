"""Nyt hold, step by step, as HR walks through it. Nothing is sent on the way."""

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    MunicipalityFactory,
    RoleFactory,
    UserFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def june(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def hr(client):
    person = UserFactory(display_name="HR-konsulent", language="en")
    RoleFactory(person=person, kind="hr")
    CalendarPolicyFactory(municipality=person.municipality)
    client.force_login(person)
    return person


@pytest.fixture
def facilitator(hr):
    person = UserFactory(display_name="Facilitator")
    RoleFactory(person=person, kind="facilitator")
    return person


def first_step(facilitator, **changes):
    given = {
        "version": VersionFactory().pk,
        "name": "Digital ledelse i praksis",
        "starts_on": "2026-08-31",
        "facilitators": [facilitator.pk],
        "capacity_min": 4,
        "capacity_max": 32,
    }
    return given | changes


def as_form(page, **changes):
    """What the browser would send back from the dates' page."""
    values = {}
    for day in page.context["days"]:
        for field in day.form:
            values[field.html_name] = field.field.widget.format_value(field.value()) or ""
    return values | changes


def test_from_nothing_to_an_open_cohort_without_one_mail(client, hr, facilitator):
    client.post(reverse("cohort-new"), first_step(facilitator))
    cohort = Cohort.objects.get()

    dates = reverse("cohort-dates", args=[cohort.pk])
    client.post(dates, as_form(client.get(dates), place_for_all="Rådhuset, sal 2"))
    rows = "".join(f"ny{n}@fjordby.example;Leder {n}\n" for n in range(12))
    listed = {"text": "e-mail;navn\n" + rows}
    assert (
        "12 managers are put on the cohort"
        in client.post(reverse("cohort-import", args=[cohort.pk]), listed).content.decode()
    )
    assert not cohort.enrolments.exists()
    client.post(reverse("cohort-import", args=[cohort.pk]), listed | {"confirmed": "1"})
    client.post(reverse("cohort-groups-propose", args=[cohort.pk]))
    preview = client.get(reverse("cohort-preview", args=[cohort.pk]))
    client.post(reverse("cohort-open", args=[cohort.pk]))
    plan(NOW)

    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.ENROLLING
    assert [group.memberships.count() for group in cohort.groups.all()] == [6, 6]
    assert preview.context["in_all"] > 12 * 20
    assert not Message.objects.filter(state="due").exists()
    assert mail.outbox == []


def test_a_button_that_is_pressed_twice_makes_one_cohort(client, hr, facilitator):
    page = client.get(reverse("cohort-new"))
    given = first_step(facilitator, cohort=page.context["fresh_id"])

    there = [client.post(reverse("cohort-new"), given).url for _ in range(2)]

    assert there == [reverse("cohort-dates", args=[Cohort.objects.get().pk])] * 2
    Cohort.objects.update(owner_hr=facilitator, municipality=MunicipalityFactory(name="Nabokommune"))
    assert client.post(reverse("cohort-new"), given).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "2026-09-01"}, "starts_on"),
        ({"starts_on": "2026-05-25"}, "starts_on"),
        ({"name": "Ho"}, "name"),
        ({"facilitators": []}, "facilitators"),
        ({"capacity_min": 40}, "capacity_max"),
    ],
)
def test_a_first_step_that_cannot_be_is_explained_at_its_field(client, hr, facilitator, changes, field):
    page = client.post(reverse("cohort-new"), first_step(facilitator, **changes))

    assert list(page.context["form"].errors) == [field]
    assert not Cohort.objects.exists()


def test_a_danish_date_is_understood(client, hr, facilitator):
    client.post(reverse("cohort-new"), first_step(facilitator, starts_on="31.8.2026"))

    assert Cohort.objects.get().starts_on == date(2026, 8, 31)


def test_somebody_without_hrs_role_cannot_begin(client, hr):
    client.force_login(UserFactory())

    assert client.get(reverse("cohort-new")).status_code == 404


def test_a_date_in_the_way_gets_a_proposal_and_moves_only_when_hr_takes_it(client, hr, facilitator):
    client.post(reverse("cohort-new"), first_step(facilitator, starts_on="2027-02-01"))
    cohort = Cohort.objects.get()
    address = reverse("cohort-dates", args=[cohort.pk])

    page = client.get(address)
    [hit] = [day for day in page.context["days"] if day.why]
    client.post(address, as_form(page))
    hit.workshop.refresh_from_db()
    assert hit.workshop.starts_at.date() == date(2027, 8, 4)

    client.post(address, as_form(page, proposal=hit.workshop.key))
    hit.workshop.refresh_from_db()
    assert hit.workshop.starts_at.date() == hit.proposed == date(2027, 8, 18)


def test_another_first_day_drafts_the_workshops_anew_and_another_name_does_not(client, hr, facilitator):
    client.post(reverse("cohort-new"), first_step(facilitator))
    cohort = Cohort.objects.get()
    cohort.workshops.update(place="Rådhuset")
    address = reverse("cohort-basics", args=[cohort.pk])

    client.post(address, first_step(facilitator, name="Et nyt navn"))
    assert set(cohort.workshops.values_list("place", flat=True)) == {"Rådhuset"}

    client.post(address, first_step(facilitator, starts_on="2026-09-07"))
    assert cohort.workshops.get(key="w1").starts_at == datetime(2026, 9, 16, 6, 30, tzinfo=UTC)


def test_opening_without_places_is_refused_and_changes_nothing(client, hr, facilitator):
    client.post(reverse("cohort-new"), first_step(facilitator))
    cohort = Cohort.objects.get()

    response = client.post(reverse("cohort-open", args=[cohort.pk]))

    cohort.refresh_from_db()
    assert response.status_code == 409
    assert cohort.state == Cohort.State.DRAFT


def test_people_are_found_by_name_and_unit_and_put_on_and_taken_off(client, hr, facilitator):
    cohort = CohortFactory(owner_hr=hr, state="draft")
    cohort.facilitators.add(facilitator)
    wanted = UserFactory(display_name="Skoleleder, Åskolen")
    UserFactory(display_name="En anden")

    page = client.get(reverse("cohort-people", args=[cohort.pk]), {"q": "skoleleder"})
    client.post(reverse("cohort-people-add", args=[cohort.pk]), {"person": [wanted.pk, facilitator.pk, "ikke-et-id"]})
    enrolment = cohort.enrolments.get()

    assert page.context["found"] == [wanted]
    assert enrolment.person == wanted
    client.post(reverse("cohort-people-remove", args=[cohort.pk, enrolment.pk]))
    assert not cohort.enrolments.exists()


def test_nobody_is_taken_off_once_the_cohort_is_open(client, hr):
    enrolment = EnrolmentFactory(cohort__owner_hr=hr, cohort__state="enrolling", state="invited")

    response = client.post(reverse("cohort-people-remove", args=[enrolment.cohort_id, enrolment.pk]))

    assert response.status_code == 409
    assert Enrolment.objects.filter(pk=enrolment.pk).exists()


def test_a_second_press_makes_no_second_group(client, hr):
    cohort = CohortFactory(owner_hr=hr, state="draft")
    EnrolmentFactory.create_batch(5, cohort=cohort, state="invited")
    propose = reverse("cohort-groups-propose", args=[cohort.pk])

    for fields, number in [({}, 1), ({}, 1), ({"beside": "1"}, 2), ({"beside": "1"}, 2), ({"beside": "2"}, 3)]:
        assert client.post(propose, fields).status_code == 302
        assert cohort.groups.count() == number


def test_what_was_chosen_and_not_saved_stays_when_a_group_is_added(client, hr):
    cohort = CohortFactory(owner_hr=hr, state="draft")
    EnrolmentFactory.create_batch(5, cohort=cohort, state="invited")
    client.post(reverse("cohort-groups-propose", args=[cohort.pk]))
    gone = cohort.enrolments.first()

    client.post(reverse("cohort-groups-propose", args=[cohort.pk]), {"beside": "1", f"place-{gone.pk}": ""})

    assert cohort.groups.count() == 2
    assert not gone.group_memberships.filter(left_at=None).exists()


def test_two_people_change_places_and_a_forbidden_place_leaves_everybody_where_they_were(client, hr):
    cohort = CohortFactory(owner_hr=hr, state="draft")
    people = [EnrolmentFactory(cohort=cohort, state="invited") for _ in range(16)]
    client.post(reverse("cohort-groups-propose", args=[cohort.pk]))
    address = reverse("cohort-groups", args=[cohort.pk])
    first, second = cohort.groups.order_by("name")[:2]
    here, there = first.memberships.first().enrolment, second.memberships.first().enrolment

    client.post(address, {f"place-{here.pk}": second.pk, f"place-{there.pk}": first.pk})
    places = {m.enrolment_id: m.group_id for group in (first, second) for m in group.memberships.filter(left_at=None)}
    assert (places[here.pk], places[there.pk]) == (second.pk, first.pk)

    there.person.line_manager = here.person
    there.person.save()
    page = client.post(address, {f"place-{there.pk}": second.pk})
    assert page.context["refusal"]
    assert there.group_memberships.get(left_at=None).group == first
    assert len(people) == 16


def test_the_invited_person_answers_for_themselves_alone(client, hr):
    enrolment = EnrolmentFactory(cohort__state="enrolling", state="invited")
    other = EnrolmentFactory(cohort=enrolment.cohort, state="invited")
    client.force_login(enrolment.person)

    assert client.post(reverse("enrolment-accept", args=[other.pk])).status_code == 404
    assert client.get(reverse("enrolment-accept", args=[enrolment.pk])).status_code == 405
    client.post(reverse("enrolment-accept", args=[enrolment.pk]))
    assert client.post(reverse("enrolment-decline", args=[enrolment.pk])).status_code == 409

    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACCEPTED
