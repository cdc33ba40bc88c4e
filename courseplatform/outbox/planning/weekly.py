"""One mail a week for those who wish for that, on the day they choose (MODEL P6). Pure.

A question waits for the first chosen day from its own day on, never earlier: what it asks about must have happened.
So a weekly mail holds what has come up since the one before. There is one such mail an ISO week, with three questions
at most; what finds no seat waits for the next one. If the chosen day has no room, the whole mail goes on the next
open day of that week that has some.

What looks ahead goes with the last chosen day that does not lie after its own, so it is never late. A reminder more
than ten days early would be forgotten again: it keeps its own day, as a second mail of that week at most (MODEL P5).
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

from courseplatform.outbox.planning.planned import MOST_QUESTIONS, Candidate, Standing

QUESTIONS = ("conversation", "survey", "prompt")
WEEK = timedelta(days=7)
EARLIEST_REMINDER = timedelta(days=10)  # before it would come too late


def asks(candidate: Candidate) -> bool:
    """Whether it takes a seat in a weekly mail."""
    return candidate.person.digest_day is not None and candidate.message.message_class in QUESTIONS


def may_ask_on(day: date, candidate: Candidate, asked: Mapping[date, Set[str]]) -> bool:
    """Whether a weekly mail may hold it that day. `asked` has the templates of each day's questions.

    The same question about several people, as a line manager gets it, takes one seat.
    """
    if not asks(candidate):
        return True
    monday = day - timedelta(days=day.weekday())
    mail = next((one for n in range(7) if asked.get(one := monday + timedelta(days=n))), None)
    if mail is None:
        return day >= (_chosen(candidate, day) or day)
    return mail == day and (candidate.message.template in asked[day] or len(asked[day]) < MOST_QUESTIONS)


def from_then_on(candidate: Candidate, local: datetime) -> Candidate:
    """The same message at the first time from there on at which it may arrive; in a weekly mail on a chosen day."""
    slot = candidate.slot_from(local)
    if candidate.useless_from or not asks(candidate):
        return candidate.at(slot)
    weeks = (_slot(candidate, slot.date() + n * WEEK) for n in count())
    chosen = next(one for one in weeks if one and one.date() >= slot.date())
    return candidate.at(slot if chosen.date() == slot.date() else chosen)


def on_a_chosen_day(candidate: Candidate, row: Standing | None, now: datetime) -> Candidate:
    """Where the search for its place begins when its person wishes for one mail a week. `row` is where it waits now."""
    if candidate.person.digest_day is None or not candidate.is_planned:
        return candidate
    own = candidate.message.local_at
    chosen = _last_before(candidate, row, now) if candidate.useless_from else from_then_on(candidate, own)
    return replace(chosen, moved_from=own.date())


def _last_before(candidate: Candidate, row: Standing | None, now: datetime) -> Candidate:
    """On the last chosen day up to its own, unless that is over, in a pause or far too early.

    What had no room on a chosen day that is over by now stays where it waits: planning again moves nothing.
    """
    own = candidate.message.local_at.date()
    slots = [slot for n in (0, 1) if (slot := _slot(candidate, own - n * WEEK)) and slot.date() <= own]
    earlier = candidate.at(slots[0]) if slots else candidate
    if earlier.is_in_pause or _is_far_too_early(earlier):
        return candidate
    if earlier.message.due_at >= now:
        return earlier
    waits_for_less = row and row.state == "due" and now <= row.due_at < candidate.message.due_at
    found_no_place = row and row.reason == "cap" and row.due_at < now
    return candidate.at(row.local_at) if row and (waits_for_less or found_no_place) else candidate


def _is_far_too_early(candidate: Candidate) -> bool:
    until = candidate.useless_from
    return until is not None and not asks(candidate) and until - candidate.message.due_at > EARLIEST_REMINDER


def _slot(candidate: Candidate, day: date) -> datetime | None:
    """The chosen slot of that day's week."""
    chosen = _chosen(candidate, day)
    return candidate.slot_on(chosen) if chosen else None


def _chosen(candidate: Candidate, day: date) -> date | None:
    weekday = candidate.person.digest_day
    return None if weekday is None else candidate.calendar.chosen_day(day, weekday)
