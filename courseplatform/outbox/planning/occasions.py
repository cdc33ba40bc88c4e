"""Each time that a rule of the programme asks for a message, with its day: the same for everybody it concerns.

Offsets, roll direction and the latest useful moment (MODEL S4–S6); who gets it is decided in `planning`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.calendar.policy import Calendar
from courseplatform.outbox.planning.anchors import Anchor, anchors, own_anchors
from courseplatform.outbox.planning.planned import GROUP_NUDGE, CohortRules
from lessons.shape import MessageClass, Offset, Prompt

DAY = timedelta(days=1)
BEFORE_AN_EVENT = timedelta(hours=4)  # working hours; MODEL S6
THURSDAY, USUAL_TIME = 3, time(8, 30)  # MODEL §13: stand-ins begin at 08:30


@dataclass(frozen=True)
class Occasion:
    """One prompt at one occurrence of its anchor."""

    prompt: Prompt
    anchor: Anchor
    nominal: date  # the day the rule names
    day: date  # the open day it rolls to
    useless_from: datetime | None  # UTC; None when that depends on when it is sent

    @cached_property
    def base_key(self) -> str:
        """The occurrence key without template and follow-up number."""
        return f"{self.anchor.object_id}:{self.anchor.generation}"

    @property
    def waits_out_breaks(self) -> bool:
        return waits_out_breaks(self.prompt)


def occasions(rules: CohortRules) -> list[Occasion]:
    """All of a cohort's occasions, in the order of its prompts; somebody's own experiment concerns them alone."""
    return [*(one for prompt in rules.programme.prompts for one in _of(prompt, rules)), *_nudges(rules)]


def waits_out_breaks(prompt: Prompt) -> bool:
    """Questions wait until school breaks are over, unless their author says otherwise (MODEL S5)."""
    return prompt.message_class == MessageClass.PROMPT and not prompt.allow_in_break


def _of(prompt: Prompt, rules: CohortRules) -> Iterator[Occasion]:
    own = [one for recipient in rules.recipients for one in own_anchors(prompt.anchor, recipient, USUAL_TIME)]
    for anchor in [*anchors(prompt.anchor, rules.dates, USUAL_TIME), *own]:
        nominal = _nominal(anchor.at.date(), prompt.offset, rules.calendar)
        day = _rolled(nominal, prompt, anchor, rules.calendar)
        yield Occasion(prompt, anchor, nominal, day, _useless_from(prompt, anchor, rules))


def _nominal(day: date, offset: Offset, calendar: Calendar) -> date:
    if offset.workdays is not None:
        return calendar.add_workdays(day, offset.workdays)
    return day + (offset.days or 0) * DAY


def _rolled(day: date, prompt: Prompt, anchor: Anchor, calendar: Calendar) -> date:
    is_backward = prompt.message_class == MessageClass.REMINDER and anchor.event is not None and is_before(prompt)
    while calendar.window(day) is None:
        day += -DAY if is_backward else DAY
    return calendar.after_school_break(day) if waits_out_breaks(prompt) else day


def is_before(prompt: Prompt) -> bool:
    """Whether it looks ahead to what it counts from."""
    return (prompt.offset.workdays or prompt.offset.days or 0) < 0


def _useless_from(prompt: Prompt, anchor: Anchor, rules: CohortRules) -> datetime | None:
    """What looks ahead is useless once the thing begins; a reminder already four working hours earlier (MODEL S6)."""
    if not is_before(prompt) or prompt.message_class not in (MessageClass.REMINDER, MessageClass.PROMPT):
        return None
    is_reminder = prompt.message_class == MessageClass.REMINDER
    latest = rules.calendar.working_time_before(anchor.at, BEFORE_AN_EVENT) if is_reminder else anchor.at
    return to_utc(latest, rules.dates.tzid)


def _nudges(rules: CohortRules) -> Iterator[Occasion]:
    """One to each group on the Thursday of the week before, while its meeting has no day (MODEL §7)."""
    for anchor in anchors("group_meeting:*", rules.dates, USUAL_TIME):
        if anchor.reason == "no_date":
            monday = anchor.at.date() - anchor.at.weekday() * DAY
            day = nominal = monday - 7 * DAY + THURSDAY * DAY
            while rules.calendar.window(day) is None:
                day -= DAY
            until = to_utc(datetime.combine(monday, time.min), rules.dates.tzid)
            undated = Anchor(anchor.object_id, anchor.at, anchor.event, is_meeting=True)
            yield Occasion(NUDGE, undated, nominal, day, until)


NUDGE = Prompt.model_validate(
    {
        "key": GROUP_NUDGE,
        "message_class": MessageClass.REMINDER,
        "anchor": "group_meeting:*",
        "offset": {"days": -4},
        "audience": "participant",
        "text": {"da": ""},  # the outbox has its own words for it
    }
)
