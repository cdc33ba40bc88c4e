"""What ought to come of a history, told slowly and simply from the rules' own words: nothing of the product's is used.

All days are local. Nothing between 28 September and 23 December 2026 is closed but week-ends.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.outbox.sequences.short_programme import MODULES, RULES, STARTS_ON, WEEKS, WORKSHOPS

DAY = timedelta(days=1)
BREAK = (date(2026, 10, 12), date(2026, 10, 18))  # week 42: no questions
MONDAY_TO_THURSDAY, FRIDAY = (time(8), time(15, 30)), (time(8), time(13))
PAUSES, LEAVES, MOVES, CANCELS, STOPS, WISHES, ANSWERS, VERSIONS, KILLS = (
    "pause", "leave", "move", "cancel", "stop", "wish", "answer", "version", "kill",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One thing that happened: to a person ("a"), a workshop ("w1") or, with an empty name, to all."""

    at: datetime
    what: str
    whom: str = ""


@dataclass
class History:
    """All that has happened to one cohort, in order."""

    joined: dict[str, datetime] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    ticks: list[datetime] = field(default_factory=list)
    pauses: dict[str, list[tuple[date, date]]] = field(default_factory=dict)
    asked: dict[str, list[date]] = field(default_factory=dict)  # when questions reached whom
    moved_to: dict[str, list[date]] = field(default_factory=dict)  # days that a workshop was moved to

    def happened(self, what, *whom):
        return any(event.what == what and event.whom in whom for event in self.events)


# --- When a rule asks ------------------------------------------------------------------------------------------------
def is_working(day):
    return day.weekday() < 5


def workdays_later(day, number):
    step = DAY if number > 0 else -DAY
    while number:
        day += step
        if is_working(day):
            number -= 1 if number > 0 else -1
    return day


def occasions():
    """Every occurrence key there is while no workshop has moved, with its rule and its day."""
    for key, (_class, anchor, _offset, _unit, audience, _again) in RULES.items():
        for name, day in anchored(anchor):
            asked = day_asked(key, day)
            yield key, f"{name}:0:{key}:0", asked
            if audience.endswith("sponsor"):
                yield f"{key}.sponsor", f"{name}:0:{key}.sponsor:0", asked


def day_asked(key, day):
    """When the rule asks of something that is on `day`."""
    message_class, _anchor, offset, unit, _audience, _again = RULES[key]
    asked = day + offset * DAY if unit == "days" else workdays_later(day, offset)
    while not is_working(asked):
        asked += -DAY if message_class == "reminder" else DAY
    if message_class == "prompt" and BREAK[0] <= asked <= BREAK[1]:
        return date(2026, 10, 20)  # the first Tuesday after
    return asked


def anchored(anchor):
    kind, _, key = anchor.partition(":")
    if kind == "programme_start":
        return [("programme_start", STARTS_ON)]
    if kind == "programme_end":
        return [("programme_end", STARTS_ON + WEEKS * 7 * DAY - 3 * DAY)]
    if kind == "module_open":
        return [(name, STARTS_ON + week * 7 * DAY) for name, week in MODULES.items() if key in ("*", name)]
    return [(key, WORKSHOPS[key].date())]


# --- What may become of it -------------------------------------------------------------------------------------------
def outcomes(history, person, template, asked, ends):
    """Every (state, reason) that the rules allow for one person's message, given all that happened until `ends`."""
    rule = template.removesuffix(".sponsor")
    workshop = RULES[rule][1].partition(":")[2]
    allowed = {("sent", ""), ("merged", "")}
    if template.startswith("question") and may_be_quiet(history, person, asked):
        allowed.add(("suppressed", "quiet"))
    if has_rival(asked):
        allowed.add(("suppressed", "cap"))
    first_asked = min(asked, *(day_asked(rule, day) for day in history.moved_to.get(workshop, [])), date.max)
    if history.joined[person].date() > STARTS_ON and history.joined[person].date() >= first_asked:
        allowed |= {("suppressed", "late_join"), ("merged", "welcome")}
    if history.pauses.get(person) or history.happened(WISHES, person):
        allowed |= {("suppressed", word) for word in ("paused", "muted", "cap", "stale", "too_late", "expired")}
    if history.happened(LEAVES, person):
        allowed |= {("cancelled", word) for word in ("not_enrolled", "left")}
    if history.happened(CANCELS, workshop):
        allowed.add(("cancelled", "event_cancelled"))
    if history.happened(STOPS, ""):
        allowed |= {("cancelled", word) for word in ("cohort_cancelled", "event_cancelled")}
    if history.happened(VERSIONS, "") or history.happened(MOVES, workshop):
        allowed.add(("cancelled", "replaced"))
    if history.happened(ANSWERS, person):
        allowed.add(("suppressed", "answered"))
    if history.happened(KILLS, "") or stood_still(history, asked):
        allowed |= {("suppressed", word) for word in ("stale", "too_late", "expired", "cap")} | {("held", "crashes")}
    if history.happened(MOVES, "w1", "w2"):  # others may stand where it wanted to be
        allowed |= {("suppressed", word) for word in ("cap", "too_late")}
    return allowed


def may_be_quiet(history, person, asked):
    """Whether three questions before had five working days each and stayed open (MODEL P7).

    What somebody wished for, a pause and a standstill put a question off; otherwise it waits for a week at most.
    """
    before = sorted(history.asked.get(person, []))
    was_put_off = history.pauses.get(person) or history.happened(WISHES, person) or stood_still(history, asked)
    latest = date.max if was_put_off else asked + 8 * DAY
    return len(before) >= 3 and workdays_later(before[2], 5) < latest


def has_rival(asked):
    """Whether more than two messages of anybody's would be near that day, so that one may find no place."""
    near = [day for _key, _occurrence, day in occasions() if abs((day - asked).days) <= 10]
    return len(near) > 2


def stood_still(history, asked):
    """Whether the system was silent for a whole working day somewhere around that day."""
    ticks = [tick for tick in history.ticks if abs((tick.date() - asked).days) <= 20]
    gaps = pairwise(ticks)
    return (
        len(ticks) < 2
        or ticks[0].date() >= asked
        or any(later - sooner > timedelta(hours=20) for sooner, later in gaps)
    )


# --- What one mail must be like --------------------------------------------------------------------------------------
def is_decent(at, zone, *, urgent=False):
    """Whether a mail may arrive then where its reader is (MODEL S3)."""
    local = at.astimezone(ZoneInfo(zone))
    if urgent and time(6, 30) <= local.time() < time(21):
        return True
    opens, closes = FRIDAY if local.weekday() == 4 else MONDAY_TO_THURSDAY
    return is_working(local) and opens <= local.time() <= closes


def in_break(at, zone):
    return BREAK[0] <= at.astimezone(ZoneInfo(zone)).date() <= BREAK[1]


def are_few(mails):
    """MODEL P5: two an ISO week at most, 48 hours apart but for an hour of slack. `mails` are (instant, zone)."""
    weeks = {}
    for at, zone in mails:
        week = at.astimezone(ZoneInfo(zone)).isocalendar()[:2]
        weeks[week] = weeks.get(week, 0) + 1
    instants = sorted(at for at, _zone in mails)
    apart = [later - sooner for sooner, later in pairwise(instants)]
    return max(weeks.values(), default=0) <= 2 and min(apart, default=timedelta(days=9)) >= timedelta(hours=47)
