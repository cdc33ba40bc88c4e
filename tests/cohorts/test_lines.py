"""The three lines as values: what stands where, and in which state."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.dates import EventDate, resolve
from courseplatform.cohorts.three_lines.lines import View, lanes_of, lines_of
from tests.demo_programme import programme as demo_programme

MONDAY, TUESDAY = date(2026, 8, 31), date(2026, 10, 27)


@pytest.fixture
def dates(programme):
    return resolve(programme, MONDAY, "Europe/Copenhagen")


def stops_of(lines):
    return {stop.key: stop for line in lines.lines for stretch in line.stretches for stop in stretch.stops}


def test_touching_is_not_overlapping():
    assert lanes_of([(0, 5), (5, 9), (7, 12)]) == [0, 0, 1]


def test_three_at_once_take_three_lanes_and_a_free_one_is_used_again():
    assert lanes_of([(0, 8), (1, 4), (2, 9), (4, 6)]) == [0, 1, 2, 1]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda span: (span[0], sum(span)))))
def test_no_two_modules_on_a_lane_overlap(spans):
    spans = sorted(spans)
    placed = list(zip(spans, lanes_of(spans), strict=True))
    for number, ((opens, _), lane) in enumerate(placed):
        assert all(closes <= opens for (_, closes), other in placed[:number] if other == lane)


def test_the_demo_programme_lies_as_drawn(dates):
    lanes = {one.key: one.lane for line in lines_of(dates, View(today=TUESDAY)).lines for one in line.stretches}

    assert {key for key, lane in lanes.items() if lane == 1} == {"a5", "b3", "c3"}
    assert max(lanes.values()) == 1


def test_a_module_ends_where_the_next_on_its_lane_begins(dates):
    middle = lines_of(dates, View(today=TUESDAY)).lines[1]
    ends = {one.key: (one.end, one.room) for one in middle.stretches}

    assert ends == {"b1": (5, 5), "b3": (37, None), "b2": (33, 33), "b4": (40, None)}


def test_lessons_spread_from_their_module_s_opening(dates):
    stops = stops_of(lines_of(dates, View(today=TUESDAY)))

    assert [stops[key].week for key in ("a2-1", "a2-2")] == pytest.approx([7.7, 8.9])
    assert stops["a2-1"].opens_on == stops["a2-2"].opens_on == date(2026, 10, 19)


def test_a_reader_sees_what_is_read_open_and_locked(dates):
    view = View(today=TUESDAY, is_personal=True, done={"a1-1"}, begun={"a2-1"})
    stops = stops_of(lines_of(dates, view))

    assert [stops[key].state for key in ("a1-1", "a1-2", "a2-1", "a3-1")] == ["done", "open", "open", "locked"]
    assert [key for key, stop in stops.items() if stop.begun] == ["a2-1"]


def test_a_module_opens_on_its_monday_and_not_on_the_sunday_before(dates):
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)

    assert stops_of(lines_of(dates, View(today=sunday, is_personal=True)))["a3-1"].state == "locked"
    assert stops_of(lines_of(dates, View(today=monday, is_personal=True)))["a3-1"].state == "open"


def test_what_somebody_read_does_not_show_to_others(dates):
    view = View(today=TUESDAY, done={"a4-1"})

    assert stops_of(lines_of(dates, view))["a4-1"].state == "locked"


def test_a_template_has_no_now_and_nothing_gone(dates):
    lines = lines_of(dates, View(today=None))

    assert lines.now is None
    assert {stop.state for stop in stops_of(lines).values()} == {"locked"}
    assert not any(event.is_held for event in (*lines.workshops, *lines.meetings))


def test_a_workshop_is_held_from_the_day_after(dates):
    on_the_day = lines_of(dates, View(today=date(2026, 10, 28))).workshops
    day_after = lines_of(dates, View(today=date(2026, 10, 29))).workshops

    assert [one.is_held for one in on_the_day] == [True, False, False, False, False]
    assert [one.is_held for one in day_after] == [True, True, False, False, False]


def test_a_cancelled_workshop_leaves_the_others_their_numbers(dates):
    first, second, *rest = dates.workshops
    new_day = replace(second, starts_at=second.starts_at + timedelta(weeks=1))
    moved = replace(dates, workshops=(first, replace(second, state="cancelled"), new_day, *rest))
    lines = lines_of(moved, View(today=TUESDAY))

    assert [(one.key, one.number, one.is_cancelled) for one in lines.workshops[:4]] == [
        ("w1", 1, False),
        ("w2", 2, True),
        ("w2", 2, False),
        ("w3", 3, False),
    ]


def test_without_a_day_a_meeting_stands_on_the_wednesday_of_its_week(dates):
    meeting = lines_of(dates, View(today=TUESDAY)).meetings[2]

    assert (meeting.starts_on, meeting.in_week_of) == (None, date(2027, 1, 13))


def test_a_reader_sees_their_own_group_s_meeting(dates):
    mine, theirs = uuid4(), uuid4()
    days = {mine: datetime(2026, 10, 1, 7, tzinfo=UTC), theirs: datetime(2026, 9, 29, 7, tzinfo=UTC)}
    both = tuple(EventDate("g1", uuid4(), day, day, "", "scheduled", 0, group) for group, day in days.items())
    lines = lines_of(replace(dates, meetings=both), View(today=TUESDAY, group_id=mine))

    assert lines.meetings[0].starts_on == date(2026, 10, 1)
    assert len(lines.meetings) == len(dates.programme.group_meetings)


def test_who_joined_late_sees_what_was_before(dates):
    lines = lines_of(dates, View(today=TUESDAY, joined_on=date(2026, 10, 5)))

    assert [one.is_before_start for one in lines.workshops] == [True, False, False, False, False]


@settings(max_examples=50, deadline=None)
@given(st.integers(-20, 60))
def test_every_stop_lies_on_its_stretch_whatever_the_day(weeks):
    dates = resolve(demo_programme(), MONDAY, "Europe/Copenhagen")
    lines = lines_of(dates, View(today=MONDAY + timedelta(weeks=weeks), is_personal=True))

    for line in lines.lines:
        for stretch in line.stretches:
            assert all(stretch.open < stop.week < stretch.end for stop in stretch.stops)
