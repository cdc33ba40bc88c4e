"""I dag: the one next thing, chosen by rules that fit on a page, and what lies around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from courseplatform.cohorts.dates import CohortDates, EventDate
from courseplatform.cohorts.local_time import to_local
from courseplatform.cohorts.progress import Progress
from courseplatform.outbox.models import Message
from lessons.shape import Lesson, Module

NEAR = timedelta(days=2)
SOON = timedelta(days=14)
Kind = Literal["question", "workshop", "conversation", "survey", "lesson", "nothing"]


@dataclass(frozen=True)
class NextThing:
    """What to do now. `why` names the reason; the page says it in words."""

    kind: Kind
    why: str = ""
    message: Message | None = None
    workshop: EventDate | None = None
    lesson: Lesson | None = None
    module: Module | None = None
    begun: bool = False
    next_opening: tuple[date, Module] | None = None


def next_thing(
    messages: Sequence[Message],
    dates: CohortDates,
    progress: Progress,
    answered_workshops: frozenset[str],
    now: datetime,
) -> NextThing:
    """What is due comes first, then what is near, then what was left half done, then what is open. Pure.

    `messages` are open ones, newest first; `answered_workshops` the keys of workshops the person has answered.
    """
    return (
        _message(messages, "prompt", "question", dates, now)
        or _message(messages, "conversation", "conversation", dates, now)
        or _message(messages, "survey", "survey", dates, now)
        or _workshop(dates, answered_workshops, now)
        or _lesson(dates, progress, now)
        or NextThing("nothing", next_opening=_next_opening(dates, now))
    )


def _message(
    messages: Sequence[Message], kind: str, thing: Kind, dates: CohortDates, now: datetime
) -> NextThing | None:
    found = next((message for message in messages if message.kind == kind), None)
    return NextThing(thing, why=_why(found, dates, now), message=found) if found else None


def _why(message: Message, dates: CohortDates, now: datetime) -> str:
    """Why now: a word for what the question belongs to. Never anything about who reads the answer."""
    near = next_workshop(dates, now)
    if near and near.starts_at and near.starts_at - now < NEAR and message.kind == "prompt":
        return "workshop_near"
    anchor = dates.programme.prompt(message.base_template).anchor.partition(":")[0]
    return "followed_up" if message.is_follow_up else anchor


def next_workshop(dates: CohortDates, now: datetime) -> EventDate | None:
    """The first planned workshop that has not begun."""
    ahead = [one for one in dates.workshops if one.starts_at and one.starts_at > now and one.state == "scheduled"]
    return min(ahead, key=lambda one: str(one.starts_at), default=None)


def next_meeting(dates: CohortDates, group_id: object, now: datetime) -> EventDate | None:
    """The group's first meeting that has not ended; one without a day counts until its week is over."""
    own = [one for one in dates.meetings if one.group_id == group_id and one.state in ("proposed", "scheduled")]
    ahead = [one for one in own if _is_ahead(one, dates, now)]
    return min(ahead, key=lambda one: dates.programme.group_meeting(one.key).week, default=None)


def _is_ahead(meeting: EventDate, dates: CohortDates, now: datetime) -> bool:
    if meeting.ends_at:
        return meeting.ends_at > now
    friday = dates.day(dates.programme.group_meeting(meeting.key).week, 4)
    return friday >= to_local(now, dates.tzid).date()


def _workshop(dates: CohortDates, answered: frozenset[str], now: datetime) -> NextThing | None:
    """A workshop within two days, or one within two weeks that waits for an answer."""
    near = next_workshop(dates, now)
    if near is None or near.starts_at is None:
        return None
    if near.starts_at - now < NEAR:
        return NextThing("workshop", why="near", workshop=near)
    if near.key not in answered and near.starts_at - now < SOON:
        return NextThing("workshop", why="unanswered", workshop=near)
    return None


def _lesson(dates: CohortDates, progress: Progress, now: datetime) -> NextThing | None:
    """The half-read lesson, else the unread one whose module opened last."""
    today = to_local(now, dates.tzid).date()
    open_modules = [one for one in dates.programme.modules if dates.module_opens(one.key) <= today]
    unread = [
        (module, lesson)
        for module in sorted(open_modules, key=lambda one: one.open_week, reverse=True)
        for lesson in module.lessons
        if lesson.key not in progress.done
    ]
    if not unread:
        return None
    module, lesson = min(unread, key=lambda pair: pair[1].key not in progress.begun)
    begun = lesson.key in progress.begun
    return NextThing("lesson", why="begun" if begun else "open", lesson=lesson, module=module, begun=begun)


def _next_opening(dates: CohortDates, now: datetime) -> tuple[date, Module] | None:
    """The next module to open, with its day; None when all are open."""
    today = to_local(now, dates.tzid).date()
    later = [(dates.module_opens(one.key), one) for one in dates.programme.modules]
    return min(((day, one) for day, one in later if day > today), key=lambda pair: pair[0], default=None)
