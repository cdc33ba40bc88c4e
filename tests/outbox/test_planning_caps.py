"""Two mails a week, 48 hours apart, across cohorts; stable however often and whenever it is planned (MODEL P5, P6)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.outbox.planning.planned import CohortRules, Standing
from courseplatform.outbox.planning.together import plan_together
from lessons.shape import MessageClass
from tests.demo_programme import programme as demo_programme
from tests.outbox.people import BOSS, COPENHAGEN, calendar, cohort_dates, person, recipient

MONDAYS = st.integers(0, 200).map(lambda week: date(2026, 6, 1) + timedelta(weeks=week))
TIMES = st.sampled_from([None, time(8), time(8, 30), time(11, 15), time(15, 30)])


def two_cohorts(first, second, preferred, numbers=(1, 2)):
    """The same people on two cohorts, with a line manager who is on the first one as well."""
    boss = person(99, preferred_time=preferred)
    people = [recipient(number, wishes={"preferred_time": preferred}, line_manager=boss) for number in numbers]
    chief = replace(recipient(99), person=boss)
    again = [replace(one, enrolment_id=UUID(int=one.enrolment_id.int + 5000)) for one in people]
    return [
        CohortRules(cohort_dates(demo_programme(), first), calendar(), (*people, chief)),
        CohortRules(resolve(demo_programme(), second, COPENHAGEN), calendar(), tuple(again)),
    ]


def mails(messages):
    """Per person the distinct instants at which something arrives."""
    arriving = {(one.person_id, one.due_at, one.local_at) for one in messages if one.state in ("planned", "sent")}
    people = {who for who, _, _ in arriving}
    return {one: sorted((due, local) for who, due, local in arriving if who == one) for one in people}


@given(first=MONDAYS, second=MONDAYS, preferred=TIMES)
@settings(max_examples=25, deadline=None)
def test_nobody_gets_more_than_two_mails_a_week_or_two_within_48_hours(first, second, preferred):
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for arrivals in mails(plan_together(two_cohorts(first, second, preferred), start)).values():
        weeks = Counter(local.isocalendar()[:2] for _, local in arrivals)
        assert max(weeks.values()) <= 2
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(arrivals)]
        assert min(gaps) >= timedelta(hours=48)


@given(first=MONDAYS, second=MONDAYS, preferred=TIMES)
@settings(max_examples=15, deadline=None)
def test_everything_planned_arrives_in_an_open_window(first, second, preferred):
    policy = calendar()
    for one in plan_together(two_cohorts(first, second, preferred), datetime(2026, 1, 1, tzinfo=UTC)):
        if one.state == "planned":
            assert policy.is_open(one.local_at)
            assert one.message_class != "prompt" or not policy.in_school_break(one.local_at.date())
            assert one.due_at < one.expires_at


@given(first=MONDAYS, second=MONDAYS, preferred=TIMES, weeks=st.integers(0, 45), hours=st.integers(0, 167))
@settings(max_examples=40, deadline=None)
def test_planning_again_on_any_day_says_the_same_about_what_is_to_come(first, second, preferred, weeks, hours):
    cohorts = two_cohorts(first, second, preferred, numbers=(1,))
    whole = plan_together(cohorts, datetime(2026, 1, 1, tzinfo=UTC))
    now = datetime.combine(first, time(), tzinfo=UTC) + timedelta(weeks=weeks, hours=hours)
    later = plan_together(cohorts, now, rows(whole, now))
    assert {told(one) for one in later} == {told(one) for one in whole}


def rows(messages, now):
    """What the planner has written by then: the past, sent or held back, and the coming week, waiting."""
    near = [one for one in messages if one.due_at <= now + timedelta(days=7)]
    return [_row(one, now) for one in near]


def _row(one, now):
    state = one.state if one.state == "suppressed" else "sent" if one.due_at <= now else "due"
    return Standing(one.key, one.person_id, one.message_class, state, one.reason, one.tzid, one.due_at)


def told(message):
    return message.key, message.due_at, "planned" if message.state == "sent" else message.state, message.reason


def test_the_order_of_people_and_cohorts_does_not_matter():
    cohorts = two_cohorts(date(2026, 8, 31), date(2026, 9, 28), None)
    turned = [replace(rules, recipients=rules.recipients[::-1]) for rules in cohorts[::-1]]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert plan_together(cohorts, start) == plan_together(turned, start)


@pytest.mark.parametrize(
    ("stronger", "weaker"), [("conversation", "reminder"), ("reminder", "survey"), ("survey", "prompt")]
)
def test_the_class_order_decides_who_keeps_the_day(stronger, weaker):
    dates, policy = cohort_dates(demo_programme()), calendar()
    base = next(one for one in dates.programme.prompts if one.key == "p-a2-tuesday")
    # Module a2 opens on Monday 19 October: Tuesday for the weaker one, Wednesday for the stronger one.
    prompts = tuple(
        base.model_copy(
            update={
                "key": f"p-{kind}",
                "message_class": MessageClass(kind),
                "offset": base.offset.model_copy(update={"days": days}),
            }
        )
        for kind, days in ((weaker, 1), (stronger, 2))
    )
    only_these = replace(dates, programme=dates.programme.model_copy(update={"prompts": prompts}), meetings=())
    rules = CohortRules(only_these, policy, (recipient(line_manager=BOSS),))
    found = {one.template: one.local_at.date() for one in plan_together([rules], datetime(2026, 8, 1, tzinfo=UTC))}
    assert found == {f"p-{stronger}": date(2026, 10, 21), f"p-{weaker}": date(2026, 10, 23)}
