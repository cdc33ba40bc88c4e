from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.policy import Calendar, from_policy, national_holidays
from courseplatform.cohorts.models import CalendarPolicy

MONDAY, FRIDAY = date(2026, 9, 7), date(2026, 9, 11)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31))


def policy(**changes):
    return CalendarPolicy(school_break_weeks=[7, 42, 27, 28, 29, 30, 31, 32], **changes)


@pytest.fixture(scope="module")
def calendar():
    return from_policy(policy())


def test_general_prayer_day_was_a_holiday_for_the_last_time_in_2023():
    assert date(2023, 5, 5) in national_holidays(2023)
    assert date(2024, 4, 26) not in national_holidays(2024)


def test_the_national_holidays_are_the_ten_of_the_law():
    assert sorted(national_holidays(2027)) == [
        date(2027, 1, 1),
        date(2027, 3, 25),
        date(2027, 3, 26),
        date(2027, 3, 28),
        date(2027, 3, 29),
        date(2027, 5, 6),
        date(2027, 5, 16),
        date(2027, 5, 17),
        date(2027, 12, 25),
        date(2027, 12, 26),
    ]


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 24),
        date(2026, 12, 31),
        date(2027, 5, 7),  # the Friday after Ascension Day
        date(2027, 3, 29),  # Easter Monday
        date(2026, 9, 12),
        date(2026, 9, 13),
    ],
)
def test_holidays_local_closures_and_weekends_are_closed(calendar, day):
    assert not calendar.is_working_day(day)
    assert calendar.window(day) is None


def test_a_closure_from_one_date_to_another_closes_both_ends():
    calendar = from_policy(policy(local_closures=[{"from": "2026-12-24", "to": "2027-01-03"}]))
    assert [calendar.is_working_day(date(2026, 12, 23)), calendar.is_working_day(date(2026, 12, 24))] == [True, False]
    assert calendar.add_workdays(date(2026, 12, 23), 1) == date(2027, 1, 4)


def test_the_window_is_shorter_on_fridays_and_on_half_days(calendar):
    assert calendar.window(MONDAY) == (time(8), time(15, 30))
    assert calendar.window(FRIDAY) == (time(8), time(13))
    assert calendar.window(date(2028, 5, 1)) == (time(8), time(12))
    assert calendar.is_working_day(date(2028, 5, 1))


def test_no_municipality_can_open_the_night():
    calendar = from_policy(policy(send_window={"mon": ["00:00", "23:59"]}))
    assert calendar.window(MONDAY) == (time(6, 30), time(21))


def test_a_half_day_that_ends_before_the_window_opens_is_closed_to_messages():
    calendar = from_policy(policy(half_days=[{"day": "09-07", "closes": "07:30"}]))
    assert calendar.window(MONDAY) is None
    assert calendar.is_working_day(MONDAY)


def test_a_calendar_without_any_window_is_refused():
    with pytest.raises(ValueError, match="no send window"):
        from_policy(policy(send_window={}))


def test_a_date_no_year_has_is_refused():
    with pytest.raises(ValueError):
        from_policy(policy(local_closures=[{"day": "02-30"}]))


def test_a_policy_that_changes_is_another_calendar_and_one_like_it_the_same():
    changing = policy()
    before = from_policy(changing)
    changing.local_closures.append({"day": "09-07"})

    assert from_policy(policy()) is before
    assert [before.is_working_day(MONDAY), from_policy(changing).is_working_day(MONDAY)] == [True, False]


@pytest.mark.parametrize(
    ("day", "number", "lands"),
    [
        (date(2027, 3, 31), 2, date(2027, 4, 2)),
        (date(2027, 5, 12), -3, date(2027, 5, 5)),
        (date(2026, 9, 30), -3, date(2026, 9, 25)),
        (date(2026, 9, 12), 1, date(2026, 9, 14)),
        (date(2026, 9, 12), 0, date(2026, 9, 12)),
        (date(2026, 12, 30), 1, date(2027, 1, 4)),
    ],
)
def test_working_days_are_counted_over_weekends_and_closures(calendar, day, number, lands):
    assert calendar.add_workdays(day, number) == lands


def test_three_working_days_before_a_january_workshop_is_before_a_closed_christmas():
    calendar = from_policy(policy(local_closures=[{"from": "2026-12-24", "to": "2027-01-03"}]))
    assert calendar.add_workdays(date(2027, 1, 6), -3) == date(2026, 12, 23)


def test_a_school_break_ends_on_the_first_open_tuesday(calendar):
    assert calendar.after_school_break(date(2026, 10, 14)) == date(2026, 10, 20)
    assert calendar.after_school_break(date(2026, 10, 9)) == date(2026, 10, 9)
    assert calendar.after_school_break(date(2027, 7, 5)) == date(2027, 8, 17)


@pytest.mark.parametrize(
    ("local", "following", "earlier"),
    [
        (datetime(2026, 9, 7, 11), datetime(2026, 9, 7, 11), datetime(2026, 9, 7, 11)),
        (datetime(2026, 9, 7, 7), datetime(2026, 9, 7, 8, 30), datetime(2026, 9, 4, 8, 30)),
        (datetime(2026, 9, 7, 16), datetime(2026, 9, 8, 8, 30), datetime(2026, 9, 7, 8, 30)),
        (datetime(2026, 9, 12, 8, 30), datetime(2026, 9, 14, 8, 30), datetime(2026, 9, 11, 8, 30)),
        (datetime(2027, 3, 27, 8, 30), datetime(2027, 3, 30, 8, 30), datetime(2027, 3, 24, 8, 30)),
    ],
)
def test_slots_roll_to_the_nearest_open_time(calendar, local, following, earlier):
    assert calendar.next_slot(local) == following
    assert calendar.previous_slot(local) == earlier


def test_a_wish_outside_the_window_gives_the_usual_time(calendar):
    assert calendar.slot(MONDAY, time(14, 15)) == datetime(2026, 9, 7, 14, 15)
    assert calendar.slot(FRIDAY, time(14, 15)) == datetime(2026, 9, 11, 8, 30)
    assert calendar.slot(date(2026, 9, 12), time(14, 15)) is None


def test_a_window_that_opens_after_the_usual_time_decides():
    late = Calendar(windows=((time(10), time(12)),) + (None,) * 6, default_send_time=time(8, 30))
    assert late.slot(MONDAY) == datetime(2026, 9, 7, 10)


def test_working_hours_are_the_open_ones(calendar):
    friday_noon = datetime(2026, 9, 11, 12)
    assert calendar.working_hours_between(friday_noon, datetime(2026, 9, 14, 9)) == timedelta(hours=2)
    assert calendar.working_hours_between(friday_noon, friday_noon) == timedelta()
    assert calendar.working_hours_between(friday_noon, datetime(2026, 9, 10, 9)) == timedelta()


def test_four_working_hours_before_a_monday_morning_is_on_friday(calendar):
    event = datetime(2026, 9, 14, 9)
    assert calendar.working_time_before(event, timedelta(hours=4)) == datetime(2026, 9, 11, 10)


def test_working_time_before_an_evening_meeting_counts_from_the_end_of_the_window(calendar):
    assert calendar.working_time_before(datetime(2026, 9, 14, 19), timedelta(hours=4)) == datetime(2026, 9, 14, 11, 30)


@given(local=MOMENTS, minutes=st.integers(1, 3000))
def test_working_time_before_is_the_inverse_of_counting(local, minutes):
    calendar, needed = from_policy(policy()), timedelta(minutes=minutes)
    start = calendar.working_time_before(local, needed)
    assert calendar.working_hours_between(start, local) == needed


@given(local=MOMENTS)
def test_the_next_slot_is_open_and_not_earlier_and_the_previous_not_later(local):
    calendar = from_policy(policy())
    following, earlier = calendar.next_slot(local), calendar.previous_slot(local)
    assert calendar.is_open(following)
    assert calendar.is_open(earlier)
    assert earlier <= local <= following


@given(day=st.dates(date(2024, 1, 1), date(2032, 12, 31)), number=st.integers(1, 60))
def test_going_forth_and_back_ends_on_the_same_working_day(day, number):
    calendar = from_policy(policy())
    day = calendar.open_day(day)
    assert calendar.add_workdays(calendar.add_workdays(day, number), -number) == day
