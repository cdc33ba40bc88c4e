"""The dated examples of the domain model, word for word (MODEL §12), as pure planning."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from courseplatform.outbox.planning.together import planned_messages
from lessons.shape import MessageClass, Offset, Prompt, Text
from tests.outbox.people import (
    BEFORE,
    BOSS,
    calendar,
    cohort_dates,
    day_and_time,
    moved,
    of,
    only,
    recipient,
)


@pytest.fixture
def dates(programme):
    return cohort_dates(programme)


@pytest.fixture
def plan(dates):
    return planned_messages(dates, calendar(), [recipient(line_manager=BOSS)], BEFORE)


def prompt(anchor, message_class=MessageClass.PROMPT, **offset):
    return Prompt(
        key="p-example",
        message_class=message_class,
        anchor=anchor,
        offset=Offset(**offset),
        audience="participant",
        text=Text(da="Hvad så du?"),
    )


def with_only(dates, prompt):
    return replace(dates, programme=dates.programme.model_copy(update={"prompts": (prompt,)}), meetings=())


def sent(dates, policy, now=BEFORE):
    (message,) = planned_messages(dates, policy, [recipient()], now)
    assert message.state == "planned"
    return message


def test_two_workdays_after_wednesday_31_march_is_friday_2_april_at_half_past_eight(dates):
    example = moved(with_only(dates, prompt("workshop:w4", workdays=2)), "w4", date(2027, 3, 31))
    message = sent(example, calendar())
    assert message.local_at == datetime(2027, 4, 2, 8, 30)
    assert message.due_at == datetime(2027, 4, 2, 6, 30, tzinfo=UTC)


def test_three_workdays_before_12_may_counts_around_ascension_and_its_friday(dates):
    example = moved(
        with_only(dates, prompt("workshop:w5", MessageClass.REMINDER, workdays=-3)), "w5", date(2027, 5, 12)
    )
    assert sent(example, calendar()).local_at == datetime(2027, 5, 5, 8, 30)


def test_three_workdays_before_6_january_lies_before_the_closed_christmas(dates):
    closed = calendar(local_closures=[{"from": "2026-12-24", "to": "2027-01-03"}])
    example = moved(with_only(dates, prompt("workshop:w3", MessageClass.REMINDER, workdays=-3)), "w3", date(2027, 1, 6))
    assert sent(example, closed).local_at == datetime(2026, 12, 23, 8, 30)


def test_the_handover_question_waits_for_the_tuesday_after_easter(plan):
    message = only(plan, "p-a6-handover")
    assert (message.local_at, message.state) == (datetime(2027, 3, 30, 8, 30), "planned")


def test_week_39_keeps_the_reminder_and_the_earlier_question_and_puts_the_third_off(plan):
    assert day_and_time(only(plan, "p-b1-question")) == "Mon 21 Sep 2026 08:30"
    assert day_and_time(of(plan, "p-group-prep")[0]) == "Fri 25 Sep 2026 08:30"
    assert day_and_time(only(plan, "p-a1-courage")) == "Mon 28 Sep 2026 08:30"


def test_2_october_becomes_one_mail_of_two_questions(plan):
    together = [one for one in plan if one.local_at.date() == date(2026, 10, 2) and one.state == "planned"]
    assert {one.template for one in together} == {"p-group-follow", "p-action-ifthen"}
    assert {one.due_at for one in together} == {datetime(2026, 10, 2, 6, 30, tzinfo=UTC)}


def test_each_example_stands_whatever_the_persons_own_time_of_day(dates):
    late_riser = recipient(wishes={"preferred_time": time(14)})
    plan = planned_messages(dates, calendar(), [late_riser], BEFORE)
    assert day_and_time(only(plan, "p-a6-handover")) == "Tue 30 Mar 2027 14:00"
    # On Fridays the window closes at one, so the usual time is used.
    assert day_and_time(of(plan, "p-group-prep")[0]) == "Fri 25 Sep 2026 08:30"
