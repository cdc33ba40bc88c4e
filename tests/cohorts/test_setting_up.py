from datetime import UTC, date, datetime

import pytest
from django.core import mail

from courseplatform.cohorts import transitions
from courseplatform.cohorts.models import Cohort, Workshop
from courseplatform.cohorts.setting_up.new_cohort import create_cohort, make_group, make_groups, suggested_start
from courseplatform.outbox.models import Message
from courseplatform.people.refusals import Refusal
from lessons.shape import NominalStart
from tests.factories import EnrolmentFactory, MunicipalityFactory, UserFactory, VersionFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


def new_cohort(**changes):
    given = {
        "version": VersionFactory(),
        "name": "Digital ledelse i praksis, efterår 2026",
        "starts_on": date(2026, 8, 31),
        "municipality": MunicipalityFactory(),
        "owner_hr": UserFactory(display_name="HR-konsulent"),
        "facilitators": [UserFactory(display_name="Facilitator")],
        "capacity": (16, 32),
        "by": None,
        "now": NOW,
    }
    return create_cohort(**given | changes)


def test_a_new_cohort_is_a_draft_with_every_workshop_on_its_nominal_date_and_tells_nobody():
    cohort = new_cohort()

    assert cohort.state == Cohort.State.DRAFT
    assert list(cohort.workshops.values_list("key", "state", "starts_at")) == [
        ("w1", "draft", datetime(2026, 9, 9, 6, 30, tzinfo=UTC)),
        ("w2", "draft", datetime(2026, 10, 28, 7, 30, tzinfo=UTC)),
        ("w3", "draft", datetime(2026, 12, 9, 7, 30, tzinfo=UTC)),
        ("w4", "draft", datetime(2027, 3, 3, 8, 0, tzinfo=UTC)),
        ("w5", "draft", datetime(2027, 5, 26, 7, 0, tzinfo=UTC)),
    ]
    assert not Message.objects.exists()
    assert mail.outbox == []


def test_calendar_uids_are_on_the_municipalitys_domain_and_all_different():
    cohort = new_cohort()
    group = make_group(cohort, "Gruppe 1", by=None)

    uids = [event.ics_uid for event in [*cohort.workshops.all(), *group.meetings.all()]]
    assert len(set(uids)) == len(uids)
    assert all(uid.endswith("@fjordby.example") for uid in uids)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": date(2026, 9, 1)},  # a Tuesday
        {"starts_on": date(2026, 5, 25)},  # last Monday
        {"starts_on": date(2026, 5, 26), "backfill_reason": "Begyndte på papir"},
        {"facilitators": []},
    ],
)
def test_an_impossible_cohort_is_refused_and_leaves_nothing(changes):
    with pytest.raises(Refusal):
        new_cohort(**changes)

    assert not Cohort.objects.exists()
    assert not Workshop.objects.exists()


def test_a_cohort_that_has_begun_can_be_entered_with_a_reason_and_planned():
    cohort = new_cohort(starts_on=date(2026, 4, 6), backfill_reason="Begyndte på papir")
    cohort.workshops.update(place="Rådhuset")

    transitions.cohort.plan(cohort, now=NOW)

    assert set(cohort.workshops.values_list("state", flat=True)) == {"scheduled"}


def test_a_group_gets_all_six_meetings_without_a_day():
    group = make_group(new_cohort(), "Gruppe 1", by=None)

    meetings = list(group.meetings.values_list("key", "state", "starts_at"))
    assert meetings == [(f"g{number}", "proposed", None) for number in range(1, 7)]


def test_groups_are_made_for_those_who_have_none_and_only_once():
    cohort = new_cohort()
    for _ in range(12):
        EnrolmentFactory(cohort=cohort, state="invited")
    EnrolmentFactory(cohort=cohort, state="declined")

    made = make_groups(cohort, by=None, now=NOW)

    assert [group.memberships.count() for group in made] == [6, 6]
    assert make_groups(cohort, by=None, now=NOW) == []


@pytest.mark.parametrize(
    ("today", "start"),
    [
        (date(2026, 6, 1), date(2026, 8, 31)),
        (date(2026, 8, 20), date(2027, 9, 6)),  # too close: next year's week 36
        (date(2026, 12, 31), date(2027, 9, 6)),
    ],
)
def test_the_suggested_start_is_the_monday_of_the_usual_week(today, start):
    assert suggested_start(NominalStart(rule="monday_of_iso_week", iso_week=36), today) == start
