"""The three lines as values: what stands where in a programme, in weeks from its start. No drawing here.

Tracks are lines, modules stretches, lessons stops, workshops stations across all lines, group meetings stops on the
middle one. Whoever draws it (`lines_wide`, `lines_small`, `lines_phone`) reads only this.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from courseplatform.cohorts.calendar.dates import CohortDates, EventDate
from courseplatform.people.local_dates import week
from lessons.shape import Module, Text

StopState = Literal["done", "open", "locked"]
MIDDAY = 0.5 / 7  # what happens on a day is drawn in the middle of it
WEDNESDAY = 2
WIDEST_STEP, FIRST_STEP = 1.2, 0.7  # weeks between the lessons of a module, and before the first


@dataclass(frozen=True)
class Stop:
    """A lesson. `opens_on` is its module's Monday; a template has `in_week` instead, counted from 1.

    `is_own` where the state is what the reader did themselves, and not time alone.
    """

    key: str
    title: Text
    week: float
    state: StopState
    minutes: int
    opens_on: date
    begun: bool
    address: str
    is_own: bool = False
    in_week: int | None = None


@dataclass(frozen=True)
class Stretch:
    """A module on its lane; `end` is drawn, `room` is where the next title on the lane begins."""

    key: str
    title: Text
    lane: int
    open: int
    end: float
    room: int | None
    is_first: bool
    opens_on: date
    closes_on: date
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Line:
    """One track. `number` is 1, 2 or 3: its colour, shape and place."""

    number: int
    title: Text
    short: Text
    stretches: tuple[Stretch, ...]

    @property
    def deepest(self) -> int:
        """How many lanes lie below the first."""
        return max((stretch.lane for stretch in self.stretches), default=0)

    def running_on(self, day: date) -> list[Stretch]:
        """The modules that are open that day."""
        return [stretch for stretch in self.stretches if stretch.opens_on <= day <= stretch.closes_on]


@dataclass(frozen=True)
class Event:
    """A workshop or a group meeting. Without `starts_on` its group has not found the day; it stands on a Wednesday.

    `number` is its place in the programme, so that one cancelled leaves the others their names. `note` is the reader's
    own answer (Attendance.Response), “attended”, “part” or “colleague”.
    """

    key: str
    number: int
    title: Text
    week: float
    starts_on: date | None
    starts_at: datetime | None
    ends_at: datetime | None
    in_week_of: date
    is_held: bool
    is_cancelled: bool
    is_before_start: bool
    address: str
    note: str = ""
    is_hack: bool = False


@dataclass(frozen=True)
class Lines:
    """The whole drawing. `now` is None for a template, which has weeks for months and no today."""

    weeks: int
    starts_on: date
    today: date | None
    now: float | None
    lines: tuple[Line, ...]
    workshops: tuple[Event, ...]
    meetings: tuple[Event, ...]

    def date_of(self, at: float) -> date:
        """The day at that many weeks from the start."""
        return self.starts_on + timedelta(days=int(at * 7 + 0.001))

    @property
    def now_label(self) -> str:
        """“uge 44”."""
        return week(self.today) if self.today else ""


@dataclass(frozen=True)
class View:
    """Whose drawing it is. Unless `is_personal` (HR, a template), lessons fill by time alone.

    `notes` says by event what the reader answered; `joined_on` is set for somebody who came after the start.
    """

    today: date | None
    done: Collection[str] = frozenset()
    begun: Collection[str] = frozenset()
    notes: Mapping[UUID, str] = field(default_factory=dict)
    is_personal: bool = False
    group_id: UUID | None = None
    joined_on: date | None = None
    lesson_address: Callable[[str], str] = field(default=lambda _key: "")
    workshop_address: Callable[[EventDate], str] = field(default=lambda _event: "")
    meeting_address: Callable[[EventDate], str] = field(default=lambda _event: "")


def lines_of(dates: CohortDates, view: View) -> Lines:
    """The drawing of these dates as this reader sees it. Pure."""
    programme = dates.programme
    now = (view.today - dates.starts_on).days / 7 + MIDDAY if view.today else None
    tracks = enumerate(programme.tracks, start=1)
    return Lines(
        weeks=programme.length_weeks,
        starts_on=dates.starts_on,
        today=view.today,
        now=now,
        lines=tuple(
            Line(number, track.title, track.short, _stretches(track.modules, dates, view, now))
            for number, track in tracks
        ),
        workshops=_workshops(dates, view),
        meetings=_meetings(dates, view),
    )


# --- Modules on lanes: the first that is free in [open, close); touching is not overlapping --------------------------
def _stretches(modules: tuple[Module, ...], dates: CohortDates, view: View, now: float | None) -> tuple[Stretch, ...]:
    ordered = sorted(modules, key=lambda module: module.open_week)
    lanes = lanes_of([(module.open_week, module.close_week) for module in ordered])
    opens = [(module.open_week, lane) for module, lane in zip(ordered, lanes, strict=True)]
    return tuple(_stretch(module, lane, opens, dates, view, now) for module, lane in zip(ordered, lanes, strict=True))


def lanes_of(spans: list[tuple[int, int]]) -> list[int]:
    """The lane of each (open, close), given in order of opening."""
    ends: list[int] = []
    lanes = []
    for opens, closes in spans:
        lane = next((number for number, end in enumerate(ends) if end <= opens), len(ends))
        ends[lane : lane + 1] = [closes]
        lanes.append(lane)
    return lanes


def _stretch(
    module: Module, lane: int, opens: list[tuple[int, int]], dates: CohortDates, view: View, now: float | None
) -> Stretch:
    later = [start for start, other in opens if other == lane and start > module.open_week]
    end = min([module.close_week + 1, *later])
    return Stretch(
        key=module.key,
        title=module.title,
        lane=lane,
        open=module.open_week,
        end=end,
        room=min(later, default=None),
        is_first=not any(other == lane and start < module.open_week for start, other in opens),
        opens_on=dates.module_opens(module.key),
        closes_on=dates.module_closes(module.key),
        stops=_stops(module, end, dates, view, now),
    )


def _stops(module: Module, end: float, dates: CohortDates, view: View, now: float | None) -> tuple[Stop, ...]:
    """Lessons have no date of their own: spread from the module's opening, closer where it is short."""
    if not module.lessons:
        return ()
    span, number = end - module.open_week, len(module.lessons)
    first, step = min(FIRST_STEP, span / (2 * number)), min(WIDEST_STEP, span / number)
    return tuple(
        Stop(
            key=lesson.key,
            title=lesson.title,
            week=module.open_week + first + place * step,
            state=_state(lesson.key, module, view, now),
            minutes=lesson.minutes,
            opens_on=dates.module_opens(module.key),
            begun=lesson.key in view.begun,
            address=view.lesson_address(lesson.key),
            is_own=view.is_personal,
            in_week=module.open_week + 1 if now is None else None,
        )
        for place, lesson in enumerate(module.lessons)
    )


def _state(lesson: str, module: Module, view: View, now: float | None) -> StopState:
    is_open = now is not None and module.open_week <= now
    if view.is_personal:
        return "done" if lesson in view.done else "open" if is_open else "locked"
    return "done" if is_open else "locked"


# --- Days on which people meet ---------------------------------------------------------------------------------------
def _workshops(dates: CohortDates, view: View) -> tuple[Event, ...]:
    """Those with a day, the earliest first."""
    planned = {workshop.key: (number, workshop) for number, workshop in enumerate(dates.programme.workshops, start=1)}
    found = []
    for event in sorted((one for one in dates.workshops if one.starts_at), key=lambda one: str(one.starts_at)):
        number, workshop = planned[event.key]
        drawn = _event(event, number, workshop.title, dates, view, view.workshop_address(event))
        found.append(replace(drawn, is_hack=workshop.format == "praksishack"))
    return tuple(found)


def _meetings(dates: CohortDates, view: View) -> tuple[Event, ...]:
    """One per planned meeting: the reader's own group's, else the first group's with a day, else the week alone."""
    found = []
    for number, meeting in enumerate(dates.programme.group_meetings, start=1):
        event = _meeting_of(meeting.key, dates, view) or EventDate(meeting.key, None, None, None, state="proposed")
        found.append(_event(event, number, meeting.theme, dates, view, view.meeting_address(event)))
    return tuple(found)


def _meeting_of(key: str, dates: CohortDates, view: View) -> EventDate | None:
    candidates = [event for event in dates.meetings if event.key == key]
    if view.group_id:
        return next((event for event in candidates if event.group_id == view.group_id), None)
    with_day = sorted((event for event in candidates if event.starts_at), key=lambda event: str(event.starts_at))
    return with_day[0] if with_day else next(iter(candidates), None)


def _event(event: EventDate, number: int, title: Text, dates: CohortDates, view: View, address: str) -> Event:
    starts_on = dates.local(event.starts_at).date() if event.starts_at else None
    day = starts_on or dates.day(dates.programme.group_meeting(event.key).week, WEDNESDAY)
    return Event(
        key=event.key,
        number=number,
        title=title,
        week=(day - dates.starts_on).days / 7 + MIDDAY,
        starts_on=starts_on,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        in_week_of=day,
        is_held=bool(view.today and starts_on and starts_on < view.today and not event.is_cancelled),
        is_cancelled=event.is_cancelled,
        is_before_start=bool(view.joined_on and day < view.joined_on),
        address=address,
        note=view.notes.get(event.id, "") if event.id else "",
    )
