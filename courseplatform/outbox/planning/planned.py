"""The values that planning works with: who is concerned, what already stands, what will be made. No rows, no clock."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from courseplatform.cohorts.calendar.dates import CohortDates
from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.calendar.policy import Calendar
from lessons.shape import Programme

# Who wins a place when there are too many in a week (MODEL P5). A welcome answers somebody who has just said yes.
CLASS_ORDER = ("welcome", "conversation", "reminder", "survey", "prompt")
GROUP_NUDGE = "group-nudge"  # our own: the group has not picked a day (MODEL §7)
EMAIL = "email"
MOST_QUESTIONS = 3  # in the welcome, and in the one mail a week of those who wish for that
# "planned" has no row yet or one that still waits; a row that has gone further shows its own state.
PLANNED, SUPPRESSED, CANCELLED, MERGED = "planned", "suppressed", "cancelled", "merged"
# How long after its day a message is still worth sending, unless something it looks ahead to comes first.
STALE_AFTER = timedelta(days=14)
KEEPS: dict[str, timedelta] = {"survey": timedelta(days=28), "conversation": timedelta(days=28)}

Span = tuple[date, date]  # first and last day
Key = tuple[UUID, str, str, str]  # enrolment, template, occurrence key, channel: MODEL I11


@dataclass(frozen=True)
class Person:
    """Who a mail goes to, and their wishes."""

    id: UUID
    email: str
    tzid: str = "Europe/Copenhagen"
    preferred_time: time | None = None
    is_active: bool = True
    is_deliverable: bool = True
    pause_from: date | None = None
    pause_until: date | None = None
    muted_classes: frozenset[str] = frozenset()
    digest_day: int | None = None  # one mail a week on that day, Monday is 0; None is one by one
    quiet: Span | None = None  # no questions then: several stayed open (MODEL P7)


@dataclass(frozen=True)
class OwnExperiment:
    """The days of an experiment somebody has planned; they replace its round's. A day that is None asks nothing."""

    object_id: str
    round_key: str = ""
    starts_on: date | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Recipient:
    """A participant on one cohort. `state` is the enrolment's; the line manager is the sponsor."""

    enrolment_id: UUID
    person: Person
    state: str = "active"
    activated_at: datetime | None = None
    paused_from: date | None = None
    paused_to: date | None = None
    group_id: UUID | None = None
    line_manager: Person | None = None
    experiments: tuple[OwnExperiment, ...] = ()


@dataclass(frozen=True)
class CohortRules:
    """All that decides one cohort's messages. `state` is the cohort's."""

    dates: CohortDates
    calendar: Calendar
    recipients: tuple[Recipient, ...]
    state: str = "running"

    @property
    def programme(self) -> Programme:
        return self.dates.programme


@dataclass(frozen=True)
class Standing:
    """A row that is already there. `is_answered` is also true when it was waved away ("Ikke nu").

    `due_at` is the promised instant, without the spread; `sent_at` is given when it went much later than that.
    """

    key: Key
    person_id: UUID
    kind: str
    state: str
    reason: str
    tzid: str
    due_at: datetime
    sent_at: datetime | None = None
    is_answered: bool = False
    is_put_off: bool = False  # by its sender: to try again, or for want of room
    may_have_gone: bool = False  # sent, or broken off where nobody knows

    @property
    def at(self) -> datetime:
        """When it goes or went (UTC)."""
        return self.sent_at or self.due_at

    @property
    def local_at(self) -> datetime:
        return to_local(self.at, self.tzid)


@dataclass(frozen=True)
class Planned:
    """One message to one person, made or not, with the reason when not. `local_at` is naive wall time in `tzid`."""

    person_id: UUID
    enrolment_id: UUID
    template: str
    message_class: str
    occurrence_key: str
    local_at: datetime
    tzid: str
    due_at: datetime
    expires_at: datetime
    channel: str = EMAIL
    is_follow_up: bool = False
    state: str = PLANNED
    reason: str = ""
    event_id: UUID | None = None
    is_about_meeting: bool = False  # the event is a group meeting, not a workshop

    @property
    def key(self) -> Key:
        return self.enrolment_id, self.template, self.occurrence_key, self.channel

    @property
    def order(self) -> tuple[datetime, str, str, str]:
        """By time; the rest only makes the order the same every time."""
        return self.due_at, str(self.person_id), self.template, f"{self.occurrence_key} {self.enrolment_id}"

    @property
    def rank(self) -> tuple[int, datetime, str, str, str]:
        """Who comes first when places are few: class, then the earlier one (MODEL P5); our own nudge comes last."""
        last = len(CLASS_ORDER)
        return last if self.template == GROUP_NUDGE else CLASS_ORDER.index(self.message_class), *self.order


@dataclass(frozen=True)
class Candidate:
    """A message whose own rules are done, before the person's other messages are looked at."""

    message: Planned
    person: Person
    calendar: Calendar
    nominal: date  # the day the rule names, before any rolling
    useless_from: datetime | None = None  # UTC; None when only its age makes it useless
    remind_after_workdays: int | None = None
    catches_up: bool = False
    waits_out_breaks: bool = False
    pauses: tuple[Span, ...] = ()
    moved_from: date | None = None  # its own day, when it travels in the weekly mail of another

    @property
    def is_in_pause(self) -> bool:
        """Whether its day, or the one it was moved from, lies in one of the person's pauses."""
        return bool(self.pause_reason)

    @property
    def pause_reason(self) -> str:
        """Theirs, or ours because questions stayed open; empty outside all pauses."""
        return self.paused_on(*(day for day in (self.message.local_at.date(), self.moved_from) if day))

    def paused_on(self, *days: date) -> str:
        """The same for these days."""
        covering = [span for span in self.pauses if any(span[0] <= day <= span[1] for day in days)]
        return "" if not covering else "quiet" if covering == [self.person.quiet] else "paused"

    @property
    def is_planned(self) -> bool:
        return self.message.state == PLANNED

    @property
    def keeps(self) -> timedelta:
        """How late it may be."""
        return KEEPS.get(self.message.message_class, STALE_AFTER)

    def held_back(self, reason: str) -> "Candidate":
        return self.ends(SUPPRESSED, reason)

    def ends(self, state: str, reason: str) -> "Candidate":
        return replace(self, message=replace(self.message, state=state, reason=reason))

    def at(self, local_at: datetime) -> "Candidate":
        """The same message at another wall time; its end follows unless it looks ahead to something."""
        due_at = to_utc(local_at, self.person.tzid)
        expires_at = self.useless_from or due_at + self.keeps
        return replace(self, message=replace(self.message, local_at=local_at, due_at=due_at, expires_at=expires_at))

    def slot_from(self, local: datetime) -> datetime:
        """The first time from there on at which it may arrive: a question also waits until school breaks are over."""
        slot = self.calendar.next_slot(local, self.person.preferred_time)
        if not (self.waits_out_breaks and self.calendar.in_school_break(slot.date())):
            return slot
        day = self.calendar.after_school_break(slot.date())
        return self.calendar.next_slot(datetime.combine(day, time.min), self.person.preferred_time)

    def slot_on(self, day: date) -> datetime | None:
        """The time it may arrive that day, if it may."""
        if self.waits_out_breaks and self.calendar.in_school_break(day):
            return None
        return self.calendar.slot(day, self.person.preferred_time)
