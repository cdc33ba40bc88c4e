"""Values for planning without a database: the demo programme's cohort of 31 August 2026 and a few people."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from courseplatform.cohorts.calendar.dates import CohortDates, resolve
from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.calendar.policy import Calendar, from_policy
from courseplatform.cohorts.models import CalendarPolicy
from courseplatform.outbox.planning.planned import Person, Planned, Recipient, Standing

COPENHAGEN = "Europe/Copenhagen"
BEFORE = datetime(2026, 8, 1, tzinfo=UTC)
WHOLE_YEAR = [7, 42, 27, 28, 29, 30, 31, 32]


@cache
def usual_calendar() -> Calendar:
    return from_policy(CalendarPolicy(school_break_weeks=WHOLE_YEAR))


def calendar(**policy) -> Calendar:
    """The usual one with these changes."""
    if not policy:
        return usual_calendar()
    return from_policy(CalendarPolicy(**{"school_break_weeks": WHOLE_YEAR} | policy))


def person(number: int = 1, **wishes) -> Person:
    return Person(UUID(int=number), f"leder{number}@fjordby.example", **wishes)


BOSS = person(99)


def recipient(number: int = 1, **changes) -> Recipient:
    wishes = changes.pop("wishes", {})
    return Recipient(UUID(int=1000 + number), person(number, **wishes), **changes)


def cohort_dates(programme, starts_on: date = date(2026, 8, 31)) -> CohortDates:
    """With every group meeting held on the Wednesday of its week, 09.00–12.00."""
    dates = resolve(programme, starts_on, COPENHAGEN)
    weeks = {meeting.key: meeting.week for meeting in programme.group_meetings}
    held = {key: dates.day(week, 2) for key, week in weeks.items()}
    return with_meetings(dates, held)


def with_meetings(dates: CohortDates, days: dict[str, date]) -> CohortDates:
    return replace(dates, meetings=tuple(_at(event, days.get(event.key)) for event in dates.meetings))


def _at(event, day):
    if day is None:
        return event
    start = datetime(day.year, day.month, day.day, 9)
    starts_at, ends_at = to_utc(start, COPENHAGEN), to_utc(start + timedelta(hours=3), COPENHAGEN)
    return replace(event, starts_at=starts_at, ends_at=ends_at, state="scheduled")


def moved(dates: CohortDates, key: str, day: date, **changes) -> CohortDates:
    """The workshop on another day, at its own time of day."""

    def move(event):
        if event.key != key:
            return event
        shift = timedelta(days=(day - dates.local(event.starts_at).date()).days)
        at = (to_utc(dates.local(moment) + shift, dates.tzid) for moment in (event.starts_at, event.ends_at))
        starts_at, ends_at = at
        return replace(event, starts_at=starts_at, ends_at=ends_at, **changes)

    return replace(dates, workshops=tuple(move(event) for event in dates.workshops))


def gone(messages: Iterable[Planned], until: datetime) -> list[Standing]:
    """The rows there would be once everything planned up to that instant has been sent, and nothing else written."""
    arrived = (one for one in messages if one.state in ("planned", "sent") and one.due_at <= until)
    return [Standing(one.key, one.person_id, one.message_class, "sent", "", one.tzid, one.due_at) for one in arrived]


def of(messages: Iterable[Planned], template: str, *, follow_up: bool = False) -> list[Planned]:
    return [one for one in messages if one.template == template and one.is_follow_up == follow_up]


def only(messages: Iterable[Planned], template: str, *, follow_up: bool = False) -> Planned:
    (one,) = of(messages, template, follow_up=follow_up)
    return one


def day_and_time(message: Planned) -> str:
    return message.local_at.strftime("%a %d %b %Y %H:%M")
