from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from courseplatform.cohorts.calendar.dates import EventDate, dates_of, resolve
from tests.factories import CohortFactory, GroupFactory, MeetingFactory, WorkshopFactory

COPENHAGEN = "Europe/Copenhagen"
MONDAY = date(2026, 8, 31)


@pytest.fixture
def dates(programme):
    return resolve(programme, MONDAY, COPENHAGEN)


def test_the_demo_cohort_has_its_workshops_on_these_wednesdays(dates):
    days = {event.key: dates.local(event.starts_at).date() for event in dates.workshops}
    assert days == {
        "w1": date(2026, 9, 9),
        "w2": date(2026, 10, 28),
        "w3": date(2026, 12, 9),
        "w4": date(2027, 3, 3),
        "w5": date(2027, 5, 26),
    }
    assert [day.isocalendar().week for day in days.values()] == [37, 44, 50, 9, 21]


def test_local_hours_become_utc_in_summer_and_in_winter(dates):
    w1, w3 = dates.workshops[0], dates.workshops[2]
    assert (w1.starts_at, w1.ends_at) == (
        datetime(2026, 9, 9, 6, 30, tzinfo=UTC),
        datetime(2026, 9, 9, 13, 30, tzinfo=UTC),
    )
    assert w3.starts_at == datetime(2026, 12, 9, 7, 30, tzinfo=UTC)


def test_modules_open_on_mondays_and_close_on_sundays(dates):
    assert (dates.module_opens("a1"), dates.module_closes("a1")) == (MONDAY, date(2026, 10, 11))
    assert dates.module_opens("a6") == date(2027, 3, 15)


def test_the_programme_ends_on_the_friday_of_its_last_week(dates):
    assert dates.ends_on == date(2027, 6, 4)


@pytest.mark.parametrize(
    ("day", "week"),
    [(MONDAY, 0), (date(2026, 9, 6), 0), (date(2026, 9, 7), 1), (date(2026, 8, 30), -1), (date(2027, 5, 26), 38)],
)
def test_weeks_are_counted_from_the_start(dates, day, week):
    assert dates.week_of(day) == week


@pytest.mark.parametrize("start", [date(2026, 8, 31), date(2032, 8, 30)])
def test_a_year_of_53_weeks_does_not_shift_anything(programme, start):
    dates = resolve(programme, start, COPENHAGEN)
    assert dates.day(17).isocalendar().week == 53
    assert dates.day(18).isocalendar()[:2] == (start.year + 1, 1)


def test_meetings_have_no_day_until_their_group_picks_one(dates):
    assert next((meeting.key, meeting.starts_at, meeting.state) for meeting in dates.meetings) == (
        "g1",
        None,
        "proposed",
    )
    assert len(dates.meetings) == 6


def test_a_cohort_that_does_not_start_on_a_monday_is_refused(programme):
    with pytest.raises(ValueError, match="Monday"):
        resolve(programme, date(2026, 9, 1), COPENHAGEN)


@pytest.mark.django_db
def test_standing_dates_are_the_rows_whatever_the_weeks_say(django_assert_num_queries):
    cohort = CohortFactory()
    w2 = WorkshopFactory(cohort=cohort, move_generation=1)
    meetings = [MeetingFactory(group=GroupFactory(cohort=cohort)) for _ in range(2)]
    WorkshopFactory(key="w1")  # another cohort's
    dates_of(cohort)  # the version is read once and kept
    with django_assert_num_queries(2):
        dates = dates_of(cohort)
    assert dates.workshops == (
        EventDate(
            key="w2",
            id=w2.pk,
            starts_at=w2.starts_at,
            ends_at=w2.ends_at,
            place="Rådhuset, sal 2",
            state="scheduled",
            move_generation=1,
        ),
    )
    assert {(meeting.group_id, meeting.starts_at) for meeting in dates.meetings} == {
        (meeting.group_id, None) for meeting in meetings
    }
    assert isinstance(dates.meetings[0].group_id, UUID)
