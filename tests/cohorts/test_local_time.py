from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.local_time import to_local, to_utc

COPENHAGEN = "Europe/Copenhagen"
# Half-hour and hour-long gaps, a zone that skipped a whole day, one without summer time.
ZONES = [COPENHAGEN, "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk", "Asia/Kathmandu"]


def slowly(local, tzid):
    """The first instant, minute by minute, whose wall time is the asked one or later, and never jumps back below it."""
    zone = ZoneInfo(tzid)
    instant = local.replace(tzinfo=UTC) - timedelta(hours=26)
    while instant.astimezone(zone).replace(tzinfo=None) < local:
        instant += timedelta(minutes=1)
    return instant


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime(2026, 10, 24, 8, 30), datetime(2026, 10, 24, 6, 30)),
        (datetime(2026, 10, 26, 8, 30), datetime(2026, 10, 26, 7, 30)),
        (datetime(2027, 3, 27, 8, 30), datetime(2027, 3, 27, 7, 30)),
        (datetime(2027, 3, 29, 8, 30), datetime(2027, 3, 29, 6, 30)),
    ],
)
def test_half_past_eight_stays_half_past_eight_across_the_clock_changes(local, utc):
    assert to_utc(local, COPENHAGEN) == utc.replace(tzinfo=UTC)


def test_a_wall_time_that_does_not_exist_becomes_the_first_instant_after_the_gap():
    assert to_utc(datetime(2027, 3, 28, 2, 30), COPENHAGEN) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert to_utc(datetime(2027, 3, 28, 2, 0), COPENHAGEN) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert to_utc(datetime(2027, 3, 28, 3, 0), COPENHAGEN) == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_wall_time_that_exists_twice_means_the_first():
    assert to_utc(datetime(2026, 10, 25, 2, 30), COPENHAGEN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_skipped_day_ends_at_the_following_midnight():
    assert to_utc(datetime(2011, 12, 30, 15, 0), "Pacific/Apia") == datetime(2011, 12, 30, 10, 0, tzinfo=UTC)


@given(
    local=st.datetimes(datetime(2009, 1, 1), datetime(2032, 12, 31)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    tzid=st.sampled_from(ZONES),
)
def test_every_wall_time_agrees_with_counting_the_minutes(local, tzid):
    assert to_utc(local, tzid) == slowly(local, tzid)


@pytest.mark.parametrize("tzid", ZONES)
@pytest.mark.parametrize("year", [2011, 2026, 2027])
def test_every_quarter_around_a_clock_change_agrees_with_counting_the_minutes(tzid, year):
    zone, hours = ZoneInfo(tzid), [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(8760)]
    changes = [a for a, b in pairwise(hours) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]
    for change in changes:
        for quarter in range(-12, 13):
            local = to_local(change, tzid).replace(minute=0) + timedelta(minutes=15 * quarter)
            assert to_utc(local, tzid) == slowly(local, tzid), local
