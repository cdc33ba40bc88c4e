from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from courseplatform.cohorts.calendar.collisions import collisions
from courseplatform.cohorts.calendar.dates import EventDate, resolve
from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import CalendarPolicy
from lessons.shape import Weekday

COPENHAGEN = "Europe/Copenhagen"
ONE, TWO = UUID(int=1), UUID(int=2)


def calendar(**changes):
    return from_policy(CalendarPolicy(school_break_weeks=[7, 42, 27, 28, 29, 30, 31, 32], **changes))


def event(key, day, start="08:30", end="14:30", group=None, state="scheduled"):
    starts_at, ends_at = (to_utc(datetime.fromisoformat(f"{day}T{at}"), COPENHAGEN) for at in (start, end))
    return EventDate(key, None, starts_at, ends_at, state=state, group_id=group)


@pytest.fixture
def dates(programme):
    return resolve(programme, date(2026, 8, 31), COPENHAGEN)


def found(dates, calendar=None, **events):
    events = {"workshops": (), "meetings": ()} | events
    everything = collisions(
        replace(dates, **events), calendar or from_policy(CalendarPolicy(school_break_weeks=[7, 42]))
    )
    return [(one.key, one.on, one.why, one.proposed) for one in everything]


def test_the_demo_cohort_collides_with_nothing(dates):
    assert collisions(dates, calendar()) == ()


@pytest.mark.parametrize(
    ("day", "why", "proposed"),
    [
        (date(2026, 10, 14), ("avoid:autumn-break",), date(2026, 10, 21)),
        (date(2027, 2, 17), ("avoid:winter-break",), date(2027, 2, 24)),
        (date(2026, 12, 22), ("avoid:christmas",), date(2027, 1, 5)),
        (date(2026, 12, 24), ("avoid:christmas", "closed"), date(2027, 1, 7)),
        (date(2027, 1, 1), ("avoid:christmas", "closed"), date(2027, 1, 5)),
        (date(2027, 3, 24), ("avoid:holy-week",), date(2027, 3, 31)),
        (date(2027, 3, 29), ("avoid:holy-week", "closed"), date(2027, 4, 6)),
        (date(2027, 5, 7), ("avoid:ascension-bridge", "closed"), date(2027, 5, 11)),
        (date(2029, 6, 5), ("avoid:constitution-day", "closed"), date(2029, 6, 12)),
    ],
)
def test_a_workshop_in_the_way_gets_the_next_free_week(dates, day, why, proposed):
    assert found(dates, workshops=(event("w2", day),)) == [("w2", day, why, proposed)]


def test_winter_break_lies_where_the_municipality_has_it(dates):
    policy = from_policy(CalendarPolicy(school_break_weeks=[8]))
    week_7, week_8 = event("w1", date(2027, 2, 17)), event("w2", date(2027, 2, 24))
    assert [key for key, *_ in found(dates, policy, workshops=(week_7, week_8))] == ["w2"]


def test_summer_is_left_behind_in_one_go(dates):
    assert found(dates, workshops=(event("w5", date(2027, 7, 7)),)) == [
        ("w5", date(2027, 7, 7), ("avoid:summer",), date(2027, 8, 18))
    ]


def test_a_half_day_is_closed_to_what_ends_in_the_afternoon_and_open_to_a_morning(dates):
    first_of_may = date(2028, 5, 1)
    assert found(dates, workshops=(event("w1", first_of_may),))[0][2] == ("closed",)
    assert found(dates, workshops=(event("w1", first_of_may, end="11:30"),)) == []


def test_a_group_that_meets_during_a_workshop_is_told_and_so_is_the_workshop(dates):
    day = date(2026, 10, 28)
    clash = found(dates, workshops=(event("w2", day),), meetings=(event("g1", day, "14:00", "17:00", group=ONE),))
    assert [(key, why) for key, _, why, _ in clash] == [("g1", ("overlap:w2",)), ("w2", ("overlap:g1",))]


def test_groups_may_meet_at_the_same_time_and_events_may_touch(dates):
    day = date(2026, 10, 28)
    meetings = (event("g1", day, "14:30", "17:30", group=ONE), event("g1", day, "14:30", "17:30", group=TWO))
    assert found(dates, workshops=(event("w2", day),), meetings=meetings) == []


def test_one_group_cannot_have_two_meetings_at_once(dates):
    day = date(2026, 10, 28)
    meetings = (event("g1", day, group=ONE), event("g2", day, group=ONE))
    assert [why for _, _, why, _ in found(dates, meetings=meetings)] == [("overlap:g2",), ("overlap:g1",)]


def test_the_proposal_avoids_the_cohorts_other_events(dates):
    taken = event("w3", date(2026, 10, 21))
    assert found(dates, workshops=(event("w2", date(2026, 10, 14)), taken))[0][3] == date(2026, 10, 28)


def test_what_is_cancelled_is_in_nobodys_way(dates):
    day = date(2026, 10, 14)
    assert found(dates, workshops=(event("w2", day, state="cancelled"),)) == []


def test_a_meeting_without_a_day_collides_only_when_its_whole_week_is_taken(programme):
    # Week 4 from the start is the autumn break of 2026 when the cohort starts on 14 September.
    dates = resolve(programme, date(2026, 9, 14), COPENHAGEN)
    clash = [one for one in collisions(dates, calendar()) if one.key == "g1"]
    assert [(one.kind, one.on, one.why, one.proposed) for one in clash] == [
        ("meeting", date(2026, 10, 12), ("avoid:autumn-break",), date(2026, 10, 20))
    ]


def test_every_proposal_is_itself_free_whatever_monday_the_cohort_starts(programme):
    policy = calendar()
    for week in range(0, 320, 3):
        dates = resolve(programme, date(2025, 12, 29) + timedelta(weeks=week), COPENHAGEN)
        for clash in collisions(dates, policy):
            if clash.kind == "workshop":
                workshop = next(one for one in dates.workshops if one.key == clash.key)
                shift = timedelta(days=(clash.proposed - clash.on).days)
                local = dates.local(workshop.starts_at) + shift, dates.local(workshop.ends_at) + shift
                starts_at, ends_at = (to_utc(at, COPENHAGEN) for at in local)
                others = tuple(one for one in dates.workshops if one.key != clash.key)
                moved = replace(dates, workshops=(*others, replace(workshop, starts_at=starts_at, ends_at=ends_at)))
                assert clash.key not in {one.key for one in collisions(moved, policy)}


def test_a_proposal_on_a_weekday_that_is_not_preferred_takes_the_first_preferred_one(dates):
    assert dates.programme.calendar.workshop_weekdays == (Weekday.TUE, Weekday.WED, Weekday.THU)
    assert found(dates, workshops=(event("w2", date(2026, 10, 16)),))[0][3] == date(2026, 10, 20)
