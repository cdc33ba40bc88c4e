"""Which of a person's mails find a place: two an ISO week, 48 hours apart, one a day (MODEL P5, P6).

Pure and stable: whatever has gone is a fixed place, and planning the rest again puts it where it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.planning.catching_up import LONGEST_WAIT, TOO_LATE, WELCOME
from courseplatform.outbox.planning.planned import (
    CANCELLED,
    EMAIL,
    PLANNED,
    SUPPRESSED,
    Candidate,
    Key,
    Planned,
    Standing,
)
from courseplatform.outbox.planning.weekly import QUESTIONS, asks, from_then_on, may_ask_on

MAILS_A_WEEK = 2
APART = timedelta(hours=48)
DAY = timedelta(days=1)
TAKES_A_PLACE = ("due", "claimed", "sent", "bounced", "merged")  # states of a row
NOT_COUNTED = ("event", "reply")  # calendar mail, and what answers somebody's own mail
MAY_HAVE_GONE = "restored"  # a reason: before the data came back from a backup
# A row that was held back comes back when its reason is gone, as long as its time has not passed.
MAY_RETURN = ("paused", "quiet", "cap", "undeliverable", "muted")
# So does a row that was called off because the rules did not ask for it, once they do again.
CALLED_OFF = ("replaced", "left", "no_line_manager", "not_enrolled", "not_accepted", "not_in_the_group", "no_date")
# Reasons that are about the first one's own day and say nothing about a follow-up.
ABOUT_ITS_DAY = ("late_join", "paused", "quiet", "cap", "stale", "too_late", "expired")
GETS_FOLLOW_UP = (PLANNED, "due", "claimed", "sent", "merged")

Finals = dict[Key, Planned]


@dataclass
class Diary:
    """One person's mails by local day. `closed` are days whose mail nothing can join."""

    mails: dict[date, datetime] = field(default_factory=dict)  # due, UTC
    closed: set[date] = field(default_factory=set)
    asked: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))  # templates of each mail's questions

    def enter(self, day: date, due_at: datetime, *, closed: bool = False) -> None:
        self.mails[day] = due_at
        if closed:
            self.closed.add(day)

    def ask(self, day: date, template: str, message_class: str) -> None:
        """Note what the mail of that day asks; a reminder asks nothing."""
        if message_class in QUESTIONS:
            self.asked[day].add(template)

    def joined(self, day: date) -> datetime | None:
        """When the mail of that day goes that another question can still travel with."""
        return self.mails.get(day) if day not in self.closed else None

    def has_room(self, day: date, due_at: datetime) -> bool:
        """Whether a new mail then is neither the third of its week nor within 48 hours of another."""
        near = (self.mails.get(day + n * DAY) for n in range(-2, 3))
        is_apart = all(abs(other - due_at) >= APART for other in near if other)
        return is_apart and self._in_week_of(day) < MAILS_A_WEEK

    def _in_week_of(self, day: date) -> int:
        monday = day - day.weekday() * DAY
        return sum(monday + n * DAY in self.mails for n in range(7))


def placed(candidates: list[Candidate], rows: Iterable[Standing], now: datetime) -> Iterator[Planned]:
    """One person's messages, each with its final time or the reason it has none, and their follow-ups."""
    standing = {row.key: row for row in rows}
    diary = _diary(standing.values(), now)
    finals = {one.message.key: _as_it_stands(one, standing, now) or one.message for one in candidates}
    waiting = [one for one in candidates if finals[one.message.key] is one.message and one.is_planned]
    finals |= _find_places(waiting, diary, now)
    yield from finals.values()
    yield from _follow_ups(candidates, finals, standing, diary, now)


def _diary(rows: Iterable[Standing], now: datetime) -> Diary:
    diary = Diary()
    for row in rows:
        is_on_the_way = row.state in TAKES_A_PLACE and (row.state != "due" or belongs_to_sender(row, now))
        is_on_the_way = is_on_the_way or row.reason == MAY_HAVE_GONE
        # What a welcome brought along went with it, and carries the day it was meant for.
        is_mail = row.key[3] == EMAIL and row.kind not in NOT_COUNTED and row.reason != WELCOME
        if is_on_the_way and is_mail:
            diary.enter(row.local_at.date(), row.at, closed=True)
            diary.ask(row.local_at.date(), row.key[1], row.kind)
    return diary


def _as_it_stands(candidate: Candidate, standing: Mapping[Key, Standing], now: datetime) -> Planned | None:
    """The message as its row says, when planning cannot change the row any more; else None."""
    row = standing.get(candidate.message.key)
    if row is None or is_open_to_change(row, candidate.message, now):
        return None
    return replace(candidate.message, state=row.state, reason=row.reason, local_at=row.local_at, due_at=row.at)


def is_open_to_change(row: Standing, message: Planned, now: datetime) -> bool:
    """Whether planning still decides over the row: it waits for a later time, or did not go and may come back."""
    if row.state == "due":
        return not belongs_to_sender(row, now)
    is_ahead = max(message.due_at, row.due_at) >= now  # its own day, or the place it was postponed to
    return may_return(row) and message.state == PLANNED and is_ahead


def may_return(row: Standing) -> bool:
    """Whether it was held back or called off for a reason that may go away, and nobody can have got it."""
    reasons = {SUPPRESSED: MAY_RETURN, CANCELLED: CALLED_OFF}
    return row.reason in reasons.get(row.state, ()) and not row.may_have_gone


def belongs_to_sender(row: Standing, now: datetime) -> bool:
    """Due, or put off by a sender that has had it in hand: planning leaves it alone."""
    return row.is_put_off or row.due_at <= now


def _find_places(waiting: list[Candidate], diary: Diary, now: datetime) -> Finals:
    return {one.message.key: _find_place(one, diary, now) for one in sorted(waiting, key=_turn)}


def _turn(candidate: Candidate) -> tuple[object, ...]:
    """MODEL P5's order. Who gets one mail a week gets reminders first: they cannot wait, the weekly mail can."""
    message_class, due_at, *rest = candidate.message.rank
    return asks(candidate), message_class, due_at, candidate.moved_from or candidate.message.local_at.date(), *rest


def _find_place(candidate: Candidate, diary: Diary, now: datetime) -> Planned:
    """Its own day if there is room or a mail to join, else the next free day within a week (MODEL P5)."""
    last = candidate.message
    for message in _possible(candidate):
        last, day = message, message.local_at.date()
        may_come = may_ask_on(day, candidate, diary.asked) and not candidate.paused_on(day)
        found = _place_on(day, message, candidate, diary, now) if may_come else None
        if found:
            diary.ask(day, found.template, found.message_class)
            return found
    reason = "cap" if last.due_at >= now else TOO_LATE.get(last.message_class, "expired")
    reason = candidate.paused_on(last.local_at.date()) or reason
    return replace(candidate.message, state=SUPPRESSED, reason=reason)


def _place_on(day: date, message: Planned, candidate: Candidate, diary: Diary, now: datetime) -> Planned | None:
    if message.due_at >= now and diary.has_room(day, message.due_at):
        diary.enter(day, message.due_at, closed=message.template == WELCOME)
        return message
    may_join = message is candidate.message or asks(candidate)
    together = diary.joined(day) if may_join else None
    return candidate.at(to_local(together, candidate.person.tzid)).message if together else None


def _possible(candidate: Candidate) -> Iterator[Planned]:
    """The message on its own day, then on each later open day that it may wait for."""
    yield candidate.message
    first = candidate.message.local_at.date()
    for slot in (candidate.slot_on(first + n * DAY) for n in range(1, LONGEST_WAIT.days + 1)):
        if slot is None:
            continue
        message = candidate.at(slot).message
        if candidate.useless_from and message.due_at >= candidate.useless_from:
            return
        yield message


# --- Follow-ups: one at most, only when it fits (MODEL P2) -----------------------------------------------------------
def _follow_ups(
    candidates: list[Candidate], finals: Finals, standing: Mapping[Key, Standing], diary: Diary, now: datetime
) -> Iterator[Planned]:
    """They come last, so that a second reminder never takes the place of a first question."""
    firsts = [(one, finals[one.message.key]) for one in candidates if one.remind_after_workdays]
    went = [(one, first) for one, first in firsts if first.state in GETS_FOLLOW_UP and first.reason != WELCOME]
    again = [_still_asked(_follow_up(one, first), one, standing.get(first.key)) for one, first in went]
    rows = {one.message.key: _as_it_stands(one, standing, now) or one.message for one in again}
    waiting = [one for one in again if rows[one.message.key] is one.message and one.is_planned]
    yield from (rows | _find_places(waiting, diary, now)).values()


def _still_asked(follow_up: Candidate, original: Candidate, row: Standing | None) -> Candidate:
    """Held back when the first has been answered, or its person is not to be written to any more."""
    if row and row.is_answered:
        return follow_up.held_back("answered")
    if original.message.state == SUPPRESSED and original.message.reason not in ABOUT_ITS_DAY:
        return follow_up.held_back(original.message.reason)
    return follow_up.held_back(follow_up.pause_reason) if follow_up.is_in_pause else follow_up


def _follow_up(candidate: Candidate, first: Planned) -> Candidate:
    """The second and last time, counted in working days from when the first really goes."""
    key = first.occurrence_key.rpartition(":")[0] + ":1"
    day = candidate.calendar.add_workdays(first.local_at.date(), candidate.remind_after_workdays or 0)
    message = replace(first, occurrence_key=key, is_follow_up=True, state=PLANNED, reason="")
    again = replace(candidate, message=message, nominal=day, moved_from=None)
    return from_then_on(again, datetime.combine(day, datetime.min.time()))
