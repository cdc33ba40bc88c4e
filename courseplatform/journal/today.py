"""I dag: the one next thing, chosen by rules that fit on a page, and what lies around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from courseplatform.cohorts.calendar.dates import CohortDates, EventDate
from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.progress import Progress
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import occurrence
from courseplatform.outbox.writing.topics import programme_of, prompt_of
from lessons.shape import Lesson, Module, Text

NEAR = timedelta(days=2)
SOON = timedelta(days=14)
EARLY = timedelta(minutes=30)  # when one can check in, and the group can begin
STILL_WARM = timedelta(days=14)  # a draft older than this was meant to be left
Kind = Literal["question", "workshop", "meeting", "conversation", "survey", "draft", "lesson", "nothing"]


@dataclass(frozen=True)
class Draft:
    """Something begun and not finished, without a word of it: what asked for it, if anybody did, and since when."""

    pk: UUID
    prompt_key: str
    touched_at: datetime


@dataclass(frozen=True)
class NextThing:
    """What to do now. `why` names the reason and `about` what it has to do with; the page says it in words."""

    kind: Kind
    why: str = ""
    about: Text | None = None
    message: Message | None = None
    draft: Draft | None = None
    workshop: EventDate | None = None
    meeting: EventDate | None = None
    lesson: Lesson | None = None
    module: Module | None = None
    opens_on: date | None = None


def next_thing(
    messages: Sequence[Message],
    dates: CohortDates,
    progress: Progress,
    answered_workshops: frozenset[str],
    now: datetime,
    drafts: Sequence[Draft] = (),
    *,
    away_from: frozenset[str] = frozenset(),
    meeting: EventDate | None = None,
) -> NextThing:
    """What is on at this moment, what is asked, what is near, what was left half done, what is open: in that order.

    Pure. `messages` are those of `still_open`; `answered_workshops` the keys of workshops the person has answered,
    `away_from` of those they will not be at; `drafts` their own, the latest first; `meeting` their group's next one.
    """
    return (
        _on_now(dates, meeting, away_from, now)
        or _question(messages, drafts, dates, now)
        or _message(messages, "conversation", "conversation", dates, now)
        or _message(messages, "survey", "survey", dates, now)
        or _workshop(dates, answered_workshops, away_from, now)
        or _draft(drafts, dates, now)
        or _lesson(dates, progress, now)
        or _nothing(dates, now)
    )


def still_open(arrived: Sequence[Message]) -> list[Message]:
    """The last message of each question that nobody answered or waved away, be it in its follow-up; newest first."""
    settled = {occurrence(message) for message in arrived if message.answered_at or message.dismissed_at}
    last = {occurrence(message): message for message in sorted(arrived, key=lambda one: one.due_at)}
    waiting = [message for question, message in last.items() if question not in settled]
    return sorted(waiting, key=lambda one: one.due_at, reverse=True)


def _on_now(
    dates: CohortDates, meeting: EventDate | None, away_from: frozenset[str], now: datetime
) -> NextThing | None:
    """A workshop or a meeting of the group, from half an hour before it begins until it ends."""
    workshop = next_workshop(dates, now)
    if workshop and _is_on(workshop, now) and workshop.key not in away_from:
        return NextThing("workshop", why="on", workshop=workshop)
    return NextThing("meeting", why="on", meeting=meeting) if meeting and _is_on(meeting, now) else None


def _is_on(event: EventDate, now: datetime) -> bool:
    starts_at, ends_at = event.starts_at, event.ends_at
    return bool(starts_at and ends_at and starts_at - EARLY <= now < ends_at and event.state == "scheduled")


def _message(
    messages: Sequence[Message], kind: str, thing: Kind, dates: CohortDates, now: datetime
) -> NextThing | None:
    found = next((message for message in messages if message.kind == kind), None)
    return replace(_why(found, dates, now), kind=thing, message=found) if found else None


def _question(
    messages: Sequence[Message], drafts: Sequence[Draft], dates: CohortDates, now: datetime
) -> NextThing | None:
    """With the draft of its answer, where one is begun."""
    asked = _message(messages, "prompt", "question", dates, now)
    if asked is None or asked.message is None:
        return None
    return replace(asked, draft=next((one for one in drafts if one.prompt_key == asked.message.template), None))


def _draft(drafts: Sequence[Draft], dates: CohortDates, now: datetime) -> NextThing | None:
    """The latest thing begun and not finished; what has lain for two weeks is left in peace."""
    warm = next((one for one in drafts if now - one.touched_at < STILL_WARM), None)
    if warm is None:
        return None
    about = next((prompt.text for prompt in dates.programme.prompts if prompt.key == warm.prompt_key), None)
    return NextThing("draft", draft=warm, about=about)


def _why(message: Message, dates: CohortDates, now: datetime) -> NextThing:
    """Why now, in terms of what the question belongs to. Never anything about who reads the answer."""
    if message.is_follow_up:
        return NextThing("question", why="followed_up")
    asked, (anchor, _colon, key) = programme_of(message), prompt_of(message).anchor.partition(":")
    if anchor == "module_open":
        module = asked.module(key)
        if near := _near_workshop_in(module, dates, now):
            return NextThing("question", why="workshop_near", workshop=near)
        return NextThing("question", why="module_open", about=module.title)
    if anchor == "workshop":
        is_ahead = any(one.key == key and one.starts_at and one.starts_at > now for one in dates.workshops)
        return NextThing("question", why="workshop_ahead" if is_ahead else "workshop", about=asked.workshop(key).title)
    return NextThing("question", why=anchor)


def _near_workshop_in(module: Module, dates: CohortDates, now: datetime) -> EventDate | None:
    """The workshop of these two days, if it is held while the module runs: then they are about the same."""
    near = next_workshop(dates, now)
    if near is None or near.starts_at is None or near.starts_at - now > NEAR:
        return None
    week = dates.week_of(dates.local(near.starts_at).date())
    return near if module.open_week <= week <= module.close_week else None


def next_workshop(dates: CohortDates, now: datetime) -> EventDate | None:
    """The first planned workshop that is not over."""
    ahead = [one for one in dates.workshops if one.ends_at and one.ends_at > now and one.state == "scheduled"]
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


def _workshop(
    dates: CohortDates, answered: frozenset[str], away_from: frozenset[str], now: datetime
) -> NextThing | None:
    """A workshop within two days that they go to, or one within two weeks that waits for an answer."""
    near = next_workshop(dates, now)
    if near is None or near.starts_at is None or near.key in away_from:
        return None
    if near.starts_at - now < NEAR:
        return NextThing("workshop", why="near", workshop=near)
    if near.key not in answered and near.starts_at - now < SOON:
        return NextThing("workshop", why="unanswered", workshop=near)
    return None


def _lesson(dates: CohortDates, progress: Progress, now: datetime) -> NextThing | None:
    """The half-read lesson, else the first unread one of the module that opened last."""
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
    return NextThing("lesson", why="begun" if lesson.key in progress.begun else "open", lesson=lesson, module=module)


def _nothing(dates: CohortDates, now: datetime) -> NextThing:
    """With what comes first: the next module to open or the next workshop, where there is one."""
    today = to_local(now, dates.tzid).date()
    later = [one for one in dates.programme.modules if dates.module_opens(one.key) > today]
    coming, workshop = min(later, key=lambda one: one.open_week, default=None), next_workshop(dates, now)
    opens_on = dates.module_opens(coming.key) if coming else None
    if workshop and workshop.starts_at and (opens_on is None or dates.local(workshop.starts_at).date() < opens_on):
        return NextThing("nothing", workshop=workshop, about=dates.programme.workshop(workshop.key).title)
    return NextThing("nothing", module=coming, opens_on=opens_on)
