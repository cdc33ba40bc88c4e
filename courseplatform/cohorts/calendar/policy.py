"""When a municipality is at work and when messages may arrive (MODEL S3–S5). Pure: no clock, no database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import count

import holidays
from dateutil.easter import easter

from courseplatform.cohorts.models import CalendarPolicy

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY, TUESDAY = 5, 1
NOTHING_BEFORE, NOTHING_AFTER = time(6, 30), time(21)  # MODEL S3, whatever a municipality sets
DAY = timedelta(days=1)
WEEKS_IN_A_YEAR = 52

MonthDay = tuple[int, int]
Window = tuple[time, time]


@dataclass(frozen=True)
class Calendar:
    """All dates and times are local wall time. Windows include both ends."""

    windows: tuple[Window | None, ...]  # Monday first
    default_send_time: time
    closed_yearly: frozenset[MonthDay] = frozenset()
    closed_after_easter: frozenset[int] = frozenset()  # days after Easter Sunday
    closed_once: tuple[tuple[date, date], ...] = ()  # first and last day
    half_days: tuple[tuple[MonthDay, time], ...] = ()
    school_break_weeks: frozenset[int] = frozenset()  # ISO weeks

    def __post_init__(self) -> None:
        """Raises ValueError for a calendar in which nothing could ever be sent."""
        if not any(self.windows[:SATURDAY]):
            raise ValueError("The calendar has no send window from Monday to Friday.")
        if len(self.school_break_weeks) >= WEEKS_IN_A_YEAR:
            raise ValueError("Every week of the calendar is a school break.")

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, neither a national holiday nor closed locally (MODEL S4). Half days count."""
        known = self._known
        if day not in known:  # asked for thousands of times when a cohort is planned
            known[day] = (
                day.weekday() < SATURDAY and day not in national_holidays(day.year) and not self._is_closed(day)
            )
        return known[day]

    @cached_property
    def _known(self) -> dict[date, bool]:
        return {}

    def add_workdays(self, day: date, number: int) -> date:
        """`number` working days later, or earlier when negative. Zero is the day itself, open or not."""
        step = DAY if number >= 0 else -DAY
        for _ in range(abs(number)):
            day = self.open_day(day + step, step)
        return day

    def open_day(self, day: date, step: timedelta = DAY) -> date:
        """The day itself if it is a working day, else the nearest one in that direction."""
        while not self.is_working_day(day):
            day += step
        return day

    def window(self, day: date) -> Window | None:
        """When messages may arrive that day; None when they may not."""
        window = self.windows[day.weekday()]
        if window is None or not self.is_working_day(day):
            return None
        opens, closes = max(window[0], NOTHING_BEFORE), min(window[1], self.closes_at(day), NOTHING_AFTER)
        return (opens, closes) if opens < closes else None

    def closes_at(self, day: date) -> time:
        """When a half day ends; the end of the day on all others."""
        return next((closes for when, closes in self.half_days if when == (day.month, day.day)), time.max)

    def is_open(self, local: datetime) -> bool:
        """Whether a message may arrive at that wall time."""
        window = self.window(local.date())
        return window is not None and window[0] <= local.time() <= window[1]

    def in_school_break(self, day: date) -> bool:
        return day.isocalendar().week in self.school_break_weeks

    def after_school_break(self, day: date) -> date:
        """The day itself outside a break, else the first open Tuesday after it (MODEL S5)."""
        if not self.in_school_break(day):
            return day
        weekdays = {TUESDAY} if self.windows[TUESDAY] else set(range(SATURDAY))
        later = (day + n * DAY for n in count(1))
        return next(d for d in later if d.weekday() in weekdays and self.window(d) and not self.in_school_break(d))

    def slot(self, day: date, preferred: time | None = None) -> datetime | None:
        """When somebody is written to that day: at their own time if it is open, else the usual; None if closed."""
        window = self.window(day)
        if window is None:
            return None
        wished = (preferred, self.default_send_time, window[0])
        return datetime.combine(day, next(at for at in wished if at and window[0] <= at <= window[1]))

    def chosen_day(self, day: date, weekday: int) -> date | None:
        """The day of that ISO week for somebody who wishes for `weekday` (Monday is 0): that one if it is open.

        Else the next open one of the week, else the last before it; None when the whole week is closed.
        """
        week = [day + (n - day.weekday()) * DAY for n in range(7)]
        return next((one for one in [*week[weekday:], *week[:weekday][::-1]] if self.window(one)), None)

    def next_slot(self, local: datetime, preferred: time | None = None) -> datetime:
        """That wall time if it is open, else the first usual time after it."""
        return local if self.is_open(local) else next(at for at in self._slots(local, DAY, preferred) if at > local)

    def previous_slot(self, local: datetime, preferred: time | None = None) -> datetime:
        """That wall time if it is open, else the last usual time before it."""
        return local if self.is_open(local) else next(at for at in self._slots(local, -DAY, preferred) if at < local)

    def working_hours_between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two wall times; zero when `end` is not later."""
        days = (start.date() + n * DAY for n in range((end.date() - start.date()).days + 1))
        return sum((self._open_time(day, start, end) for day in days), timedelta())

    def working_time_before(self, local: datetime, needed: timedelta) -> datetime:
        """The latest wall time that leaves `needed` open time before that one."""
        day = local.date()
        while (found := self._open_time(day, datetime.combine(day, time.min), local)) < needed:
            needed -= found
            day -= DAY
        return min(local, self._opens(day)[1]) - needed

    def _open_time(self, day: date, start: datetime, end: datetime) -> timedelta:
        opens, closes = self._opens(day)
        return max(min(end, closes) - max(start, opens), timedelta())

    def _opens(self, day: date) -> tuple[datetime, datetime]:
        opens, closes = self.window(day) or (time.min, time.min)
        return datetime.combine(day, opens), datetime.combine(day, closes)

    def _slots(self, local: datetime, step: timedelta, preferred: time | None) -> Iterator[datetime]:
        days = (local.date() + n * step for n in count())
        return (slot for day in days if (slot := self.slot(day, preferred)))

    def _is_closed(self, day: date) -> bool:
        return (
            (day.month, day.day) in self.closed_yearly
            or (day - easter(day.year)).days in self.closed_after_easter
            or any(first <= day <= last for first, last in self.closed_once)
        )


def from_policy(policy: CalendarPolicy) -> Calendar:
    """The policy as a value. Raises ValueError when a stored date or time cannot be read."""
    stored = (policy.send_window, policy.local_closures, policy.half_days, policy.school_break_weeks)
    return _read(json.dumps(stored), policy.default_send_time)


@lru_cache(maxsize=256)
def _read(stored: str, default_send_time: time) -> Calendar:
    """A morning's mails ask thousands of times for the few calendars there are."""
    send_window, closures, half_days, school_break_weeks = json.loads(stored)
    return Calendar(
        windows=tuple(_window(send_window.get(day)) for day in DAYS),
        default_send_time=default_send_time,
        closed_yearly=frozenset(month_day(closure["day"]) for closure in closures if "day" in closure),
        closed_after_easter=frozenset(int(closure["easter"]) for closure in closures if "easter" in closure),
        closed_once=tuple(
            (date.fromisoformat(closure["from"]), date.fromisoformat(closure["to"]))
            for closure in closures
            if "from" in closure
        ),
        half_days=tuple((month_day(half["day"]), time.fromisoformat(half["closes"])) for half in half_days),
        school_break_weeks=frozenset(school_break_weeks),
    )


@lru_cache(maxsize=128)
def national_holidays(year: int) -> frozenset[date]:
    """Danish public holidays. General Prayer Day is among them up to 2023 (MODEL S4)."""
    return frozenset(holidays.country_holidays("DK", years=year))


def month_day(text: str) -> MonthDay:
    """Reads "MM-DD". Raises ValueError for a day no year has."""
    read = date.fromisoformat(f"2000-{text}")  # a leap year, so that 29 February can be said
    return read.month, read.day


def _window(pair: list[str] | None) -> Window | None:
    return (time.fromisoformat(pair[0]), time.fromisoformat(pair[1])) if pair else None
