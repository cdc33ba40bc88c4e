"""What happens to messages whose time has passed: for late joiners, after a pause, after an outage.

MODEL S6 and §7 (late joiner, paused), DELIVERY §7: nothing stale, nothing useless, no backlog.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.planning.planned import (
    MERGED,
    MOST_QUESTIONS,
    Candidate,
    CohortRules,
    Key,
    Recipient,
    Standing,
)
from courseplatform.outbox.planning.weekly import from_then_on

WELCOME = "welcome"
LONGEST_WAIT = timedelta(days=7)  # for a place in the week (MODEL P5)
TOO_LATE = {"prompt": "stale", "reminder": "too_late"}  # the others: expired


def _order(candidate: Candidate) -> tuple[object, ...]:
    return candidate.message.order


# --- Late joiners ----------------------------------------------------------------------------------------------------
def welcomed(batch: list[Candidate], recipient: Recipient, rules: CohortRules) -> list[Candidate]:
    """Who joins a running cohort is not asked what went before, but for the last few questions in one welcome mail."""
    joined = recipient.activated_at
    if joined is None or rules.dates.local(joined).date() <= rules.dates.starts_on:
        return batch
    missed = sorted((one for one in batch if one.is_planned and one.message.due_at < joined), key=_order)
    brought = [one for one in missed if one.catches_up][-MOST_QUESTIONS:]
    late, in_the_mail = _keys(missed), _keys(brought)
    rest = [_missed(one, in_the_mail) if one.message.key in late else one for one in batch]
    return [*rest, _welcome(brought[-1], joined)] if brought else rest


def _missed(candidate: Candidate, in_the_mail: set[Key]) -> Candidate:
    return candidate.ends(MERGED, WELCOME) if candidate.message.key in in_the_mail else candidate.held_back("late_join")


def _welcome(latest: Candidate, joined: datetime) -> Candidate:
    message = replace(
        latest.message,
        template=WELCOME,
        message_class=WELCOME,
        occurrence_key=f"programme_start:0:{WELCOME}:0",
        event_id=None,
        is_about_meeting=False,
    )
    mail = replace(latest, message=message, useless_from=None, remind_after_workdays=None, waits_out_breaks=False)
    return _from(mail, joined)


def sponsor_joins(batch: list[Candidate], recipient: Recipient, rules: CohortRules) -> list[Candidate]:
    """The line manager of a late joiner hears of the latest conversation, at once, and of none before it."""
    joined = recipient.activated_at
    if joined is None or rules.dates.local(joined).date() <= rules.dates.starts_on:
        return batch
    missed = sorted((one for one in batch if one.is_planned and one.message.due_at < joined), key=_order)
    late, latest = _keys(missed), _keys([one for one in missed if one.catches_up][-1:])
    heard = [_from(one, joined) if one.message.key in latest else one for one in batch]
    return [one.held_back("late_join") if one.message.key in late - latest else one for one in heard]


def _from(candidate: Candidate, moment: datetime) -> Candidate:
    later = from_then_on(candidate, to_local(moment, candidate.person.tzid))
    return replace(later, nominal=later.message.local_at.date())


def _keys(candidates: Iterable[Candidate]) -> set[Key]:
    return {one.message.key for one in candidates}


# --- Pauses ----------------------------------------------------------------------------------------------------------
def after_a_pause(batch: list[Candidate]) -> list[Candidate]:
    """Nothing during a pause and no backlog after it: the latest question that fell in it may still come (MODEL P8)."""
    missed = _keys(one for one in batch if one.is_planned and one.is_in_pause)
    questions = [one for one in batch if one.message.key in missed and one.message.message_class == "prompt"]
    latest = _keys(sorted(questions, key=_order)[-1:])
    resumed = [_resumed(one) if one.message.key in latest else one for one in batch]
    return [one.held_back(one.pause_reason) if one.message.key in missed - latest else one for one in resumed]


def _resumed(candidate: Candidate) -> Candidate:
    last = max(last for _, last in candidate.pauses)
    if last == date.max:
        return candidate.held_back(candidate.pause_reason)
    later = from_then_on(candidate, datetime.combine(last + timedelta(days=1), time.min))
    return candidate.held_back(candidate.pause_reason) if why_too_late(later) else later


# --- Outages, and rules that come into force late --------------------------------------------------------------------
def in_time(batch: list[Candidate], standing: Mapping[Key, Standing], now: datetime) -> list[Candidate]:
    """What is overdue without a row goes to the next open slot, of each prompt the latest, if it is still useful.

    So does what waits for later today when its person now wishes for an hour that has passed (DELIVERY §8), and again
    what was caught up before and waits for its slot: no place near its own day is left for it.
    """
    shifted = [one if _keeps_its_day(one, standing, now) else _caught_up(one, now) for one in batch]
    overdue = [one for one in batch if one.is_planned and one.message.due_at < now and one.message.key not in standing]
    latest = {one.message.template: one.message.key for one in sorted(overdue, key=_order)}
    coalesced = _keys(overdue) - set(latest.values())
    return [one.held_back("stale") if one.message.key in coalesced and one.is_planned else one for one in shifted]


def _keeps_its_day(candidate: Candidate, standing: Mapping[Key, Standing], now: datetime) -> bool:
    row = standing.get(candidate.message.key)
    if row is None:
        return False
    waits = row.state == "due" and row.due_at > now and not row.is_put_off
    later = row.local_at.date() - candidate.message.local_at.date()
    is_its_own_day, was_caught_up = not later, later > LONGEST_WAIT
    return not (waits and (is_its_own_day or was_caught_up) and candidate.message.due_at < now)


def _caught_up(candidate: Candidate, now: datetime) -> Candidate:
    if not candidate.is_planned:
        return candidate
    if candidate.message.due_at < now:
        candidate = from_then_on(candidate, _next_minute(to_local(now, candidate.person.tzid)))
    reason = why_too_late(candidate) or candidate.paused_on(candidate.message.local_at.date())
    return candidate.held_back(reason) if reason else candidate


def _next_minute(local: datetime) -> datetime:
    """Up to the whole minute, so that planning again within it says the same."""
    is_whole = not (local.second or local.microsecond)
    return local if is_whole else local.replace(second=0, microsecond=0) + timedelta(minutes=1)


def why_too_late(candidate: Candidate) -> str:
    """A reason when the message, at its time, would be useless or too old (MODEL S6); else empty."""
    if candidate.useless_from:
        is_late = candidate.message.due_at >= candidate.useless_from
    else:
        is_late = candidate.message.local_at.date() - candidate.nominal > candidate.keeps
    return TOO_LATE.get(candidate.message.message_class, "expired") if is_late else ""
