"""Planning people in the same situation once says the same as planning everybody on their own."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from courseplatform.outbox.planning.alike import situations
from courseplatform.outbox.planning.cases import cases_of
from courseplatform.outbox.planning.cohort_plan import CohortPlan
from courseplatform.outbox.planning.planned import CohortRules, Standing
from courseplatform.outbox.planning.together import plan_by_situation, plan_together
from tests.outbox.people import calendar, cohort_dates, person, recipient

STARTS_ON = date(2026, 8, 31)
WISHES = [
    {},
    {},
    {},
    {"digest_day": 1},
    {"preferred_time": time(11)},
    {"tzid": "America/Nuuk"},
    {"is_active": False},
    {"is_deliverable": False},
    {"muted_classes": frozenset({"prompt"})},
    {"pause_until": date(2026, 11, 1)},
    {"pause_from": date(2026, 9, 7), "pause_until": date(2026, 9, 27)},
]
GROUPS = [UUID(int=1), UUID(int=2), None]


def somebody(number, dice):
    """One of few habits, so that situations repeat; now and then somebody of their own kind."""
    wishes = dice.choice(WISHES)
    late = datetime(2026, 9, dice.choice([15, 20]), 8, tzinfo=UTC)
    early = datetime(2026, 7, 1, dice.randrange(24), tzinfo=UTC)
    boss = person(900 + dice.randrange(4)) if dice.random() < 0.7 else None
    return recipient(
        number,
        wishes=wishes,
        state=dice.choice(["active"] * 6 + ["paused", "accepted", "completed", "withdrawn"]),
        activated_at=dice.choice([None, early, early, early, late]),
        paused_from=dice.choice([None] * 5 + [date(2026, 9, 28)]),
        paused_to=dice.choice([None, date(2026, 10, 9)]),
        group_id=dice.choice(GROUPS),
        line_manager=boss,
    )


def cohorts(programme, dice):
    dates = cohort_dates(programme)
    groups = [replace(one, group_id=dice.choice(GROUPS)) for one in dates.meetings]
    people = tuple(somebody(number, dice) for number in range(1, 25))
    again = [replace(one, enrolment_id=UUID(int=5000 + one.enrolment_id.int)) for one in people[:4]]
    second = cohort_dates(programme, STARTS_ON + timedelta(weeks=dice.choice([2, 3])))
    first = CohortRules(replace(dates, meetings=tuple(groups)), calendar(), people)
    return [first, CohortRules(second, calendar(), tuple(again), state=dice.choice(["running", "enrolling"]))]


def lived(plan, until, dice):
    """The rows of all that was planned up to then, as days and people have left them."""
    for one in plan:
        if one.due_at > until + timedelta(days=7) or (one.state != "planned" and not one.reason):
            continue
        state = one.state
        if state == "planned":
            state = "due" if one.due_at > until else dice.choice(["sent", "sent", "sent", "failed", "suppressed"])
        yield Standing(
            key=one.key,
            person_id=one.person_id if dice.random() < 0.97 else UUID(int=1),
            kind=one.message_class,
            state=state,
            reason=one.reason or ("paused" if state == "suppressed" else ""),
            tzid=one.tzid,
            due_at=one.due_at,
            sent_at=one.due_at + timedelta(hours=5) if state == "sent" and dice.random() < 0.1 else None,
            is_answered=state == "sent" and dice.random() < 0.4,
            is_put_off=state == "due" and dice.random() < 0.1,
        )


def says_the_same_of_a_cohort(slow, rules, now, rows, dice):
    """What has no row yet is said once for all, what has one is found by its key; of one person as of everybody."""
    enrolments = [one.enrolment_id for one in rules[0].recipients]
    some = frozenset(dice.choice([enrolments, enrolments[:1]]))
    plan = CohortPlan(plan_by_situation(rules, now, rows.values()), some)
    ours = {one.key: one for one in slow if one.enrolment_id in some}

    said = [
        replace(message, enrolment_id=enrolment, person_id=person)
        for one in plan.rounds
        for message in one.messages
        for enrolment, person in one.pairs
    ]

    assert {one.key for one in said} == ours.keys()
    assert [one for one in said if one.key not in rows] == [ours[one.key] for one in said if one.key not in rows]
    assert all(plan.get(key) == ours.get(key) for key in [*ours, *rows] if key[0] in some)


@pytest.mark.parametrize("seed", range(6))
def test_the_fast_way_and_the_slow_way_say_the_same(programme, seed):
    dice = random.Random(seed)
    rules = cohorts(programme, dice)
    now = datetime(2026, 8, 10, 9, tzinfo=UTC)
    rows = {}
    for days in (12, 21, 30, 17):
        slow = plan_together(rules, now, rows.values(), one_by_one=True)
        assert plan_together(rules, now, rows.values()) == slow
        says_the_same_of_a_cohort(slow, rules, now, rows, dice)
        rows = {row.key: row for row in lived(slow, now, dice)} | rows
        now += timedelta(days=days, hours=dice.randrange(8))
    assert len(rows) > 100


def test_a_hundred_people_and_their_line_managers_are_two_situations(programme):
    people = tuple(recipient(number, line_manager=person(1000 + number)) for number in range(1, 101))
    rules = [CohortRules(cohort_dates(programme), calendar(), people)]
    planned = []

    def plan(case):
        planned.append(case)
        return iter(())

    found = situations(cases_of(rules, ()), rules, plan, datetime(2026, 8, 1, tzinfo=UTC))

    assert [len(one.members) for one in found] == [100, 100]
    assert len(planned) == 2
