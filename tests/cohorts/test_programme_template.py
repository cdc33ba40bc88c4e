"""A version as the three lines: weeks for dates, nothing gone, nothing read, and only for who plans with it."""

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Cohort
from lessons.versions import programme as programme_of
from tests.factories import CohortFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    cohort = CohortFactory()
    programme_of(cohort.programme_version.digest)  # read once per process
    return cohort


def template(client, person, cohort, query=""):
    client.force_login(person)
    return client.get(reverse("programme-template", args=[cohort.programme_version_id]) + query)


@pytest.fixture
def html(client, cohort):
    return template(client, RoleFactory(kind="hr").person, cohort).content.decode()


def test_weeks_stand_for_dates_and_months(html):
    drawing, _gap, rows = html.partition('<ol class="rail">')

    assert "version 1.0, 40 uger" in html
    assert ">uge 1</text>" in drawing
    assert ">uge 5</text>" in drawing
    assert '<li class="month">' in rows
    assert "uge 13" in rows
    for name in ("september", "2026", "2027", "onsdag"):
        assert name not in html


def test_nothing_has_gone_and_nothing_is_read(html):
    assert 'id="nu"' not in html
    assert "nowline" not in html
    assert 'class="run t' not in html
    for word in ("læst", "åbner", "held"):
        assert f"· {word}" not in html
        assert f"({word}" not in html
    assert "25 min · uge 1<" in html


def test_the_list_alone_for_whom_it_suits(client, cohort):
    html = template(client, RoleFactory(kind="hr").person, cohort, "?vis=liste").content.decode()

    assert "lines wide" not in html
    assert 'class="lines-list always"' in html


def test_a_facilitator_sees_the_version_of_their_own_cohort_alone(client, cohort):
    person = UserFactory()
    assert template(client, person, cohort).status_code == 404

    cohort.facilitators.add(person)
    assert template(client, person, cohort).status_code == 200

    Cohort.facilitators.through.objects.all().delete()
    assert template(client, person, cohort).status_code == 404
