"""From wall time to the instant, in every zone and around every change of its clocks (MODEL S1, S2; DELIVERY T1).

The oracle never asks for the instant of a wall time: it only reads clocks, second by second where they change.
"""

import os
import random
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.outbox.planning.together import planned_messages
from tests.outbox.people import calendar, cohort_dates, recipient

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2033, 1, 1, tzinfo=UTC)
IS_FULL = os.environ.get("COURSEPLATFORM_FAULTS") == "full"
SEED = 20260831
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
# Always among them: the product's own, both hemispheres, half an hour, a date line crossed, negative summer time.
ALWAYS = [
    "Europe/Copenhagen",
    "America/Nuuk",
    "Atlantic/Faroe",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Europe/Dublin",
]
SAMPLE = ZONES if IS_FULL else ALWAYS + random.Random(SEED).sample(ZONES, 9)
STEPS = [timedelta(minutes=minutes) for minutes in range(-180, 181, 15)]
EDGES = [timedelta(seconds=seconds) for seconds in (-3601, -1, 0, 1, 1799, 3599, 3600, 3601)]


def clock(instant, zone):
    """What a clock there shows."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


@cache
def changes(zone):
    """The instants at which the zone's clocks change, to the second."""
    key, found = ZoneInfo(zone), []
    day = FIRST
    while day < LAST:
        if day.astimezone(key).utcoffset() != (day + timedelta(days=1)).astimezone(key).utcoffset():
            found += changes_of_the_day(day, key)
        day += timedelta(days=1)
    return found


def changes_of_the_day(day, key):
    """Most zones change once that day, Morocco's Ramadan sometimes goes there and back."""
    hours = [day + timedelta(minutes=15 * n) for n in range(97)]
    for before, after in pairwise(hours):
        if before.astimezone(key).utcoffset() != after.astimezone(key).utcoffset():
            seconds = (before + timedelta(seconds=n) for n in range(901))
            yield next(one for one in seconds if one.astimezone(key).utcoffset() != before.astimezone(key).utcoffset())


def oracle(local, zone):
    """The first instant at which the clock shows that time; where it never does, the first at which it shows more."""
    key = ZoneInfo(zone)
    moments = [*stretch(local, zone)]
    shown = next((one for one in moments if clock(one, key) == local), None)
    return shown or next(one for one in moments if clock(one, key) > local)


def stretch(local, zone):
    """Every instant that could be meant: all offsets the zone has around then, and each change itself, in order."""
    key, near = ZoneInfo(zone), local.replace(tzinfo=UTC)
    hours = [near + timedelta(hours=n) for n in range(-38, 39)]
    offsets = {one.astimezone(key).utcoffset() for one in hours}
    return sorted(
        {near - offset for offset in offsets} | {one for one in changes(zone) if abs(one - near) < timedelta(hours=38)}
    )


def wall_times(zone):
    """Around each change, before and after, and an ordinary day."""
    yield datetime(2026, 6, 15, 8, 30)
    for change in changes(zone):
        for side in (change - timedelta(seconds=1), change):
            shown = clock(side, ZoneInfo(zone))
            yield from (shown + step for step in STEPS)
            yield from (shown + edge for edge in EDGES)


@pytest.mark.parametrize("zone", SAMPLE)
def test_the_instant_is_the_oracles(zone):
    wrong = [(local, to_utc(local, zone)) for local in wall_times(zone) if to_utc(local, zone) != oracle(local, zone)]
    assert wrong == [], f"seed {SEED}"


@pytest.mark.parametrize("zone", ALWAYS[:3])
def test_no_planned_message_lies_in_a_gap_or_at_the_second_of_two(programme, zone):
    dates = cohort_dates(programme, date(2027, 1, 4))
    wishes = {"tzid": zone, "preferred_time": time(9, 15)}
    messages = planned_messages(dates, calendar(), [recipient(wishes=wishes)], datetime(2026, 11, 1, tzinfo=UTC))
    assert len(messages) > 30
    for one in messages:
        assert one.due_at == oracle(one.local_at, zone)
        assert to_local(one.due_at, zone) == one.local_at
