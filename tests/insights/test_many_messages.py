"""Beskeder beside very many messages: what it costs follows the cohort's own (docs/operations/capacity.md)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Case
from django.urls import reverse

from courseplatform.insights.ledger import reading
from courseplatform.insights.ledger.reading import shown
from courseplatform.outbox.models import Message
from tests.factories import EnrolmentFactory, MessageFactory
from tests.insights.conftest import TUESDAY
from tests.insights.many_messages import add_messages, plans_of

pytestmark = pytest.mark.django_db
BEFORE = TUESDAY - timedelta(days=2)


@pytest.fixture
def cohort(make_cohort):
    cohort = make_cohort(people=1)
    Message.objects.all().delete()
    return cohort


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan is PostgreSQL's")
def test_the_list_reads_the_cohorts_messages_and_no_others(browser, cohort, django_assert_num_queries):
    enrolment = cohort.enrolments.get()
    like, *_others = MessageFactory.create_batch(60, enrolment=enrolment, state="sent")
    add_messages(like, cohorts=80, each=40)

    plans = plans_of(lambda: browser.get(reverse("cohort-messages", args=[cohort.pk]), {"q": "leder"}))

    assert len(plans) == 7
    assert [plan for plan in plans if "Seq Scan on outbox_message" in plan] == []
    assert [plan for plan in plans if "messages_of_a_person" in plan] == []  # what they ever got, on every cohort


def test_a_days_place_among_many_is_found_by_halves(cohort, monkeypatch):
    """Each question keeps its own day, in the order of the database's letters and on both sides of every half."""
    monkeypatch.setattr(reading, "A_FEW", 4)
    others = EnrolmentFactory.create_batch(2, cohort=cohort)
    keys = [f"{letter}{number}:0:p-a2-tuesday:0" for letter in ("a", "B", "æ", "_", "-") for number in range(7)]
    for days, key in enumerate(keys):
        for late, enrolment in enumerate(others):
            at = BEFORE - timedelta(days=days) + late * timedelta(hours=1)
            MessageFactory(enrolment=enrolment, occurrence_key=key, due_at=at, state="sent")

    found = dict(shown(cohort, TUESDAY).values_list("occurrence_key", "at"))

    assert found == {key: BEFORE - timedelta(days=days) for days, key in enumerate(keys)}
    assert _comparisons(shown(cohort, TUESDAY).query.annotations["at"]) <= 4 + 4


def _comparisons(day):
    """The most conditions that a row may have to go through."""
    if not isinstance(day, Case):
        return 0
    inside = [_comparisons(case.result) for case in day.cases] + [_comparisons(day.default)]
    return len(day.cases) + max(inside)
