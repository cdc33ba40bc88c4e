"""Questions about an experiment follow its own days once somebody has planned one (MODEL §13)."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest

from courseplatform.outbox.planning.planned import CohortRules, OwnExperiment
from courseplatform.outbox.planning.together import plan_together
from tests.outbox.people import BEFORE, calendar, cohort_dates, recipient

EXPERIMENT = str(UUID(int=7))
MINE = OwnExperiment(EXPERIMENT, "r1", date(2026, 10, 20), date(2026, 11, 4))
ABOUT_EXPERIMENTS = ("p-action-ifthen", "p-action-reflect")


@pytest.fixture(scope="module")
def dates():
    from tests.demo_programme import programme

    whole = programme()
    return replace(cohort_dates(whole), programme=whole.model_copy(update={"prompts": about_experiments(whole)}))


def about_experiments(whole):
    return tuple(one for one in whole.prompts if one.key in ABOUT_EXPERIMENTS)


def asked(dates, *people, now=BEFORE, one_by_one=False):
    """What each is asked, as (anchor, prompt, nominal local time), first questions only."""
    found = plan_together([CohortRules(dates, calendar(), people)], now, one_by_one=one_by_one)
    return {
        person.enrolment_id: [
            (one.occurrence_key.split(":")[0], one.template, one.local_at)
            for one in found
            if one.enrolment_id == person.enrolment_id and not one.is_follow_up
        ]
        for person in people
    }


def test_without_an_experiment_the_rounds_stand_in(dates):
    [mine] = asked(dates, recipient(1)).values()

    assert sorted(anchor for anchor, _prompt, _at in mine) == ["r1", "r1", "r2", "r2", "r3", "r3"]


def test_my_own_days_replace_the_rounds_and_leave_the_other_rounds(dates):
    [mine] = asked(dates, recipient(1, experiments=(MINE,))).values()

    assert mine[:2] == [
        (EXPERIMENT, "p-action-ifthen", datetime(2026, 10, 19, 8, 30)),
        (EXPERIMENT, "p-action-reflect", datetime(2026, 11, 5, 8, 30)),
    ]
    assert [anchor for anchor, _prompt, _at in mine[2:]] == ["r2", "r2", "r3", "r3"]


def test_mine_are_nobody_elses(dates):
    found = asked(dates, recipient(1, experiments=(MINE,)), recipient(2))

    assert EXPERIMENT not in {anchor for anchor, *_ in found[recipient(2).enrolment_id]}
    assert [anchor for anchor, *_ in found[recipient(2).enrolment_id]].count("r1") == 2


def test_a_day_that_is_gone_asks_nothing(dates):
    stopped_before_it_began = replace(MINE, starts_on=None, due_on=None)
    [mine] = asked(dates, recipient(1, experiments=(stopped_before_it_began,))).values()

    assert [anchor for anchor, *_ in mine] == ["r2", "r2", "r3", "r3"]


def test_an_experiment_outside_every_round_replaces_none(dates):
    [mine] = asked(dates, recipient(1, experiments=(replace(MINE, round_key=""),))).values()

    assert [anchor for anchor, *_ in mine].count("r1") == 2
    assert [anchor for anchor, *_ in mine].count(EXPERIMENT) == 2


def test_people_with_and_without_experiments_are_planned_alike_as_one_by_one(dates):
    other = replace(MINE, object_id=str(UUID(int=8)))
    people = [recipient(1, experiments=(MINE,)), recipient(2), recipient(3, experiments=(other,)), recipient(4)]

    assert asked(dates, *people) == asked(dates, *people, one_by_one=True)
