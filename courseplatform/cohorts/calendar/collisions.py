"""Where a cohort's dates are in the way of something, with a day that is not. Nothing moves by itself (MODEL S8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from dateutil.easter import easter

from courseplatform.cohorts.calendar.dates import CohortDates, EventDate
from courseplatform.cohorts.calendar.policy import Calendar, month_day
from lessons.shape import AvoidedPeriod, Weekday

LAST_PROPOSAL = 26  # weeks to look ahead for a free day
DAY = timedelta(days=1)

Kind = Literal["workshop", "meeting"]


@dataclass(frozen=True)
class Collision:
    """One event in the way. `on` is its day, or the Monday of its week while it has none.

    Each of `why` is "closed", "avoid:<period>" or "overlap:<key of the other event>".
    """

    kind: Kind
    key: str
    event_id: UUID | None
    group_id: UUID | None
    on: date
    why: tuple[str, ...]
    proposed: date | None  # None when half a year holds no free day


def collisions(dates: CohortDates, calendar: Calendar) -> tuple[Collision, ...]:
    """Every workshop and meeting on an avoided or closed day, or at the same time as another, by date."""
    return _Check(dates, calendar).found()


@dataclass(frozen=True)
class _Check:
    dates: CohortDates
    calendar: Calendar

    def found(self) -> tuple[Collision, ...]:
        found = [
            self.collision("workshop", one) for one in self.dates.workshops if one.starts_at and not one.is_cancelled
        ]
        found += [self.collision("meeting", event) for event in self.dates.meetings if not event.is_cancelled]
        return tuple(sorted(filter(None, found), key=lambda one: (one.on, one.kind, one.key, str(one.event_id))))

    def collision(self, kind: Kind, event: EventDate) -> Collision | None:
        on = self.day_of(event)
        why = self.obstacles(event, on) if event.starts_at else self.week_obstacles(event, on)
        if not why:
            return None
        return Collision(kind, event.key, event.id, event.group_id, on, why, self.proposal(kind, event, on))

    def day_of(self, event: EventDate) -> date:
        if event.starts_at:
            return self.dates.local(event.starts_at).date()
        return self.dates.day(self.dates.programme.group_meeting(event.key).week)

    def obstacles(self, event: EventDate, day: date) -> tuple[str, ...]:
        """What stands in the way of holding the event that day, at its own time of day."""
        avoided = [f"avoid:{period.key}" for period in self.dates.programme.calendar.avoid if self.covers(period, day)]
        overlaps = [f"overlap:{other.key}" for other in self.others(event) if self.overlap(event, other, day)]
        return (*avoided, *(["closed"] if self.is_closed(event, day) else []), *overlaps)

    def week_obstacles(self, event: EventDate, monday: date) -> tuple[str, ...]:
        """What stands in the way in a week without a single usable day; nothing as long as there is one."""
        by_day = [self.obstacles(event, monday + weekday.offset * DAY) for weekday in Weekday]
        return tuple(dict.fromkeys(why for whys in by_day for why in whys)) if all(by_day) else ()

    def proposal(self, kind: Kind, event: EventDate, on: date) -> date | None:
        candidates = self.later_days(kind, on, keeps_weekday=event.starts_at is not None)
        return next((day for day in candidates if not self.obstacles(event, day)), None)

    def later_days(self, kind: Kind, on: date, *, keeps_weekday: bool) -> Iterator[date]:
        """Days of the following weeks: in each the same weekday first if it is a preferred one, then the others."""
        defaults = self.dates.programme.calendar
        preferred = defaults.workshop_weekdays if kind == "workshop" else defaults.group_meeting_weekdays
        offsets = sorted({weekday.offset for weekday in preferred or tuple(Weekday)})
        if keeps_weekday and on.weekday() in offsets:
            offsets = [on.weekday()]
        monday = on - on.weekday() * DAY
        return (monday + timedelta(weeks=week, days=day) for week in range(1, LAST_PROPOSAL + 1) for day in offsets)

    def covers(self, period: AvoidedPeriod, day: date) -> bool:
        return any(self.week_is_avoided(week, period, day) for week in period.iso_weeks) or _is_between(period, day)

    def week_is_avoided(self, week: int, period: AvoidedPeriod, day: date) -> bool:
        alternative = period.local_alternative
        breaks = self.calendar.school_break_weeks
        uses_alternative = alternative in breaks and week not in breaks
        return day.isocalendar().week == (alternative if uses_alternative else week)

    def is_closed(self, event: EventDate, day: date) -> bool:
        """A day off, or a half day that ends before the event does."""
        ends = self.dates.local(event.ends_at).time() if event.ends_at else time.min
        return not self.calendar.is_working_day(day) or ends > self.calendar.closes_at(day)

    def others(self, event: EventDate) -> list[EventDate]:
        """The events some of the same people go to: workshops for everybody, meetings of the one group."""
        meetings = [one for one in self.dates.meetings if event.group_id in (None, one.group_id)]
        return [one for one in (*self.dates.workshops, *meetings) if one != event and not one.is_cancelled]

    def overlap(self, event: EventDate, other: EventDate, day: date) -> bool:
        if not (other.starts_at and other.ends_at):
            return False
        starts, ends = self.hours(event, day)
        return starts < self.dates.local(other.ends_at) and self.dates.local(other.starts_at) < ends

    def hours(self, event: EventDate, day: date) -> tuple[datetime, datetime]:
        """Local start and end if the event were held that day; the whole day while it has no time."""
        if not (event.starts_at and event.ends_at):
            return datetime.combine(day, time.min), datetime.combine(day, time.max)
        starts = datetime.combine(day, self.dates.local(event.starts_at).time())
        return starts, starts + (self.dates.local(event.ends_at) - self.dates.local(event.starts_at))


def _is_between(period: AvoidedPeriod, day: date) -> bool:
    if period.from_day is None or period.to_day is None:
        return False
    if period.relative_to_easter:
        return int(period.from_day) <= (day - easter(day.year)).days <= int(period.to_day)
    first, last, today = month_day(period.from_day), month_day(period.to_day), (day.month, day.day)
    # A period that ends before it begins lies across New Year.
    return first <= today <= last if first <= last else today >= first or today <= last
