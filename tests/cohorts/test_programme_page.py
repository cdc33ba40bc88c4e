"""Forløb: one's own programme, drawn and listed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Enrolment, LessonProgress, Substitution
from lessons.versions import programme as programme_of
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    WorkshopFactory,
)

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUERIES = 9

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tuesday(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)


@pytest.fixture
def enrolment():
    enrolment = EnrolmentFactory()
    programme_of(enrolment.cohort.programme_version.digest)  # read once per process
    WorkshopFactory(cohort=enrolment.cohort)
    group = GroupFactory(cohort=enrolment.cohort)
    MembershipFactory(group=group, enrolment=enrolment)
    MeetingFactory(group=group, key="g2")
    return enrolment


@pytest.fixture
def browser(client, enrolment):
    client.force_login(enrolment.person)
    return client


def page(browser, cohort, **query):
    return browser.get(reverse("programme-of", args=[cohort.pk]), query).content.decode()


def test_it_opens_at_now(browser, enrolment):
    response = browser.get(reverse("programme"))

    assert response.url == reverse("programme-of", args=[enrolment.cohort.pk]) + "#nu"


def test_it_shows_what_is_open_just_now(browser, enrolment):
    html = page(browser, enrolment.cohort)
    just_now = html[html.index('id="now-open"') :]

    for title in ("Digital forestillingsevne", "Prøvehandlinger i egen drift", "Roller og ansvar"):
        assert f"<h3>{title}</h3>" in just_now
    assert "Automatisering med omtanke" not in just_now


def test_what_i_read_and_said_is_on_it(browser, enrolment):
    LessonProgress.objects.create(enrolment=enrolment, lesson_key="a2-1", state="done", completed_at=TUESDAY)
    workshop = enrolment.cohort.workshops.get()
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="accepted")
    html = page(browser, enrolment.cohort)

    assert "Hvad er digital forestillingsevne? (læst)" in html
    assert "kl.\u00a008.30–14.30 · du har sagt ja" in html


def test_nobody_else_s_progress_is_on_it(browser, enrolment):
    peer = EnrolmentFactory(cohort=enrolment.cohort)
    LessonProgress.objects.create(enrolment=peer, lesson_key="a2-1", state="done", completed_at=TUESDAY)

    assert "Hvad er digital forestillingsevne? (åben)" in page(browser, enrolment.cohort)


def test_as_a_list_it_needs_no_script_and_no_drawing(browser, enrolment):
    drawn, listed = page(browser, enrolment.cohort), page(browser, enrolment.cohort, vis="liste")

    assert 'class="lines wide"' in drawn
    assert 'class="lines wide"' not in listed
    assert 'class="lines-list always"' in listed
    assert 'href="?"' in listed


@pytest.mark.parametrize(
    ("outcome", "said"), [("attended", "du var med<"), ("part", "du var med noget af tiden<"), ("excused", "holdt<")]
)
def test_what_was_held_says_whether_i_was_there(browser, enrolment, outcome, said):
    Attendance.objects.create(
        enrolment=enrolment, workshop=held_workshop(enrolment.cohort), response="accepted", outcome=outcome
    )

    assert said in page(browser, enrolment.cohort)


def test_a_seat_i_gave_to_a_colleague_is_not_said_to_be_mine(browser, enrolment):
    workshop = held_workshop(enrolment.cohort)
    Attendance.objects.create(enrolment=enrolment, workshop=workshop, response="accepted", outcome="attended")
    Substitution.objects.create(enrolment=enrolment, workshop=workshop, substitute=UserFactory(), state="stands")

    assert "en kollega havde din plads<" in page(browser, enrolment.cohort)


def held_workshop(cohort):
    day = datetime(2026, 9, 9, tzinfo=UTC)
    times = {"starts_at": day + timedelta(hours=6), "ends_at": day + timedelta(hours=12)}
    return WorkshopFactory(cohort=cohort, key="w1", state="held", **times)


def test_another_cohort_s_programme_is_not_there(browser):
    assert browser.get(reverse("programme-of", args=[CohortFactory(name="Andet hold").pk])).status_code == 404


@pytest.mark.parametrize("state", [Enrolment.State.INVITED, Enrolment.State.WITHDRAWN, Enrolment.State.DECLINED])
def test_who_does_not_take_part_finds_none(client, state):
    enrolment = EnrolmentFactory(state=state)
    client.force_login(enrolment.person)

    assert client.get(reverse("programme-of", args=[enrolment.cohort.pk])).status_code == 404
    assert "står hele forløbet her" in client.get(reverse("programme")).content.decode()


def test_nobody_is_asked_to_sign_in_first(client, enrolment):
    response = client.get(reverse("programme-of", args=[enrolment.cohort.pk]))

    assert response.status_code == 302
    assert response.url.startswith("/konto/login/")


def test_the_queries_are_few_however_many_people_and_lessons(browser, enrolment, django_assert_num_queries):
    address = reverse("programme-of", args=[enrolment.cohort.pk])
    with django_assert_num_queries(QUERIES):
        browser.get(address)
    for _ in range(5):
        peer = EnrolmentFactory(cohort=enrolment.cohort, person=UserFactory())
        MeetingFactory(group=GroupFactory(cohort=enrolment.cohort), key="g1")
        LessonProgress.objects.create(enrolment=peer, lesson_key="a1-1")
    for key in ("a1-1", "a1-2", "b1-1"):
        LessonProgress.objects.create(enrolment=enrolment, lesson_key=key)
    with django_assert_num_queries(QUERIES):
        browser.get(address)
