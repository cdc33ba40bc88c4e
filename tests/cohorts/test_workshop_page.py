"""A workshop: when and where first, then one's own answer."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Workshop
from lessons.versions import programme as programme_of
from tests.factories import CohortFactory, EnrolmentFactory, RoleFactory, UserFactory, WorkshopFactory

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUERIES = 13

pytestmark = pytest.mark.django_db


@pytest.fixture
def travel(monkeypatch):
    def to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    to(TUESDAY)
    return to


@pytest.fixture(autouse=True)
def tuesday(travel):
    """The day before workshop 2."""


@pytest.fixture
def enrolment():
    enrolment = EnrolmentFactory()
    programme_of(enrolment.cohort.programme_version.digest)  # read once per process
    return enrolment


@pytest.fixture
def workshop(enrolment):
    return WorkshopFactory(cohort=enrolment.cohort)


@pytest.fixture
def browser(client, enrolment):
    client.force_login(enrolment.person)
    return client


def page(browser, workshop):
    return browser.get(reverse("workshop", args=[workshop.pk])).content.decode()


def answer(browser, workshop, response):
    return browser.post(reverse("workshop-answer", args=[workshop.pk]), {"response": response})


def test_the_facts_come_first(browser, workshop):
    html = page(browser, workshop)
    order = [
        html.index(words)
        for words in (
            "onsdag den 28.\u00a0oktober 2026 kl.\u00a008.30–14.30",
            "Rådhuset, sal 2",
            "Kommer du?",
            "Tag et foto eller en tegning med",
            "Undersøgelsesspørgsmålet er skærpet.",
        )
    ]

    assert order == sorted(order)
    assert reverse("workshop-calendar", args=[workshop.pk]) in html


def test_an_answer_is_kept_and_can_be_changed(browser, workshop, enrolment):
    assert answer(browser, workshop, "accepted").url == reverse("workshop", args=[workshop.pk])
    assert 'value="accepted" aria-pressed="true"' in page(browser, workshop)

    answer(browser, workshop, "declined")

    attendance = Attendance.objects.get()
    assert (attendance.enrolment, attendance.response, attendance.responded_at) == (enrolment, "declined", TUESDAY)


def test_from_its_first_minute_it_cannot_be_answered_any_more(browser, workshop, travel):
    travel(workshop.starts_at)
    response = answer(browser, workshop, "accepted")

    assert response.status_code == 409
    assert "er begyndt" in response.content.decode()
    assert not Attendance.objects.exists()
    assert "Kommer du?" not in page(browser, workshop)


def test_a_word_that_is_no_answer_is_refused(browser, workshop):
    assert answer(browser, workshop, "attended").status_code == 409
    assert not Attendance.objects.exists()


def test_a_cancelled_one_says_so_and_why(browser, workshop):
    Workshop.objects.filter(pk=workshop.pk).update(state="cancelled", state_reason="Facilitator er syg.")
    html = page(browser, workshop)

    assert "Workshoppen er aflyst." in html
    assert "Facilitator er syg." in html
    assert '<h1 class="strike">' in html
    assert "Kommer du?" not in html
    assert answer(browser, workshop, "accepted").status_code == 409


def test_afterwards_it_says_that_you_were_there(browser, workshop, enrolment, travel):
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, outcome="attended")
    travel(workshop.ends_at + timedelta(hours=1))

    assert "Du var med." in page(browser, workshop)


def test_only_the_cohort_its_facilitators_and_its_hr_may_open_it(client, workshop):
    cohort = workshop.cohort
    facilitator, hr, stranger = UserFactory(), RoleFactory(kind="hr").person, EnrolmentFactory(cohort=CohortFactory())
    cohort.facilitators.add(facilitator)
    address = reverse("workshop", args=[workshop.pk])

    for person, status in [(facilitator, 200), (hr, 200), (cohort.owner_hr, 200), (stranger.person, 404)]:
        client.force_login(person)
        assert client.get(address).status_code == status


def test_those_who_do_not_take_part_cannot_answer(client, workshop):
    client.force_login(workshop.cohort.owner_hr)

    assert answer(client, workshop, "accepted").status_code == 404
    assert "Kommer du?" not in page(client, workshop)
    assert not Attendance.objects.exists()


def test_a_draft_is_for_those_who_run_it(client, workshop, enrolment):
    Workshop.objects.filter(pk=workshop.pk).update(state="draft")
    for person, status in [(enrolment.person, 404), (workshop.cohort.owner_hr, 200)]:
        client.force_login(person)
        assert client.get(reverse("workshop", args=[workshop.pk])).status_code == status


def test_nobody_sees_who_else_is_coming(browser, workshop):
    peer = EnrolmentFactory(cohort=workshop.cohort, person__display_name="Kultur- og fritidschef")
    Attendance.objects.create(enrolment=peer, workshop=workshop, response="declined")

    assert "Kultur- og fritidschef" not in page(browser, workshop)
    assert 'aria-pressed="true"' not in page(browser, workshop)


def test_the_queries_are_few_and_flat(browser, workshop, django_assert_num_queries):
    for _ in range(5):
        peer = EnrolmentFactory(cohort=workshop.cohort)
        Attendance.objects.create(enrolment=peer, workshop=workshop, response="accepted")

    with django_assert_num_queries(QUERIES):
        page(browser, workshop)
