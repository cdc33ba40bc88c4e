"""What another version changes, as somebody who follows it would say it: days as days, texts as texts (MODEL I1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.dates import CohortDates
from courseplatform.people import local_dates
from lessons.changes import DATE_FIELDS, Change, Step, Theme, diff, field_name, items_of
from lessons.shape import Lines, Programme, Text

PARAGRAPH = "\n\n"
MONDAY, FRIDAY, SUNDAY = 0, 4, 6
# What a week is called where it is a day, and on which of its days.
DAYS = {
    "week": (_("Week of"), MONDAY),
    "open_week": (_("Opens"), MONDAY),
    "close_week": (_("Closes"), SUNDAY),
    "start_week": (_("Begins"), MONDAY),
    "end_week": (_("Ends"), FRIDAY),
}


@dataclass(frozen=True)
class Line:
    """One thing about it: before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One thing that is new, gone or different; `lines` may be empty where nothing of it is read by anybody."""

    change: Change
    title: str
    language: str
    lines: tuple[Line, ...]

    @property
    def step_words(self) -> str:
        return str({Step.ADDED: _("new"), Step.REMOVED: _("left out"), Step.CHANGED: _("changed")}[self.change.step])


def in_words(before: Programme, dates: CohortDates, language: str) -> list[tuple[str, list[Entry]]]:
    """Every difference from `before` to the programme of `dates`, theme by theme; themes without any are left out."""
    after = dates.programme
    entries = [_entry(change, before, after, dates, language) for change in diff(before, after)]
    titles = {Theme.DATES: _("Days"), Theme.PROMPTS: _("Questions and messages"), Theme.TEXTS: _("Texts")}
    themes = [(str(title), [one for one in entries if one.change.theme is theme]) for theme, title in titles.items()]
    return [(title, own) for title, own in themes if own]


def _entry(change: Change, before: Programme, after: Programme, dates: CohortDates, language: str) -> Entry:
    old, new = (items_of(one, change.kind).get(change.key, {}) for one in (before, after))
    fields = new or old
    words = fields.get("title") or fields.get("theme") or fields.get("text")
    title, title_language = words.read(language) if isinstance(words, Text) else (change.key, "")
    lines = tuple(_lines(change, old, new, dates, language))
    return Entry(change, title, title_language, lines)


def _lines(
    change: Change, old: Mapping[str, Any], new: Mapping[str, Any], dates: CohortDates, language: str
) -> Iterator[Line]:
    if change.theme is Theme.DATES and change.kind == "workshops":
        yield Line(gettext("Day"), _span(old, dates), _span(new, dates))
        return
    # What is new or left out is named with its days, not written out.
    names = [name for name in new or old if change.step is Step.CHANGED or name in DAYS]
    for name in names:
        is_told_here = change.step is not Step.CHANGED or (name in DATE_FIELDS) == (change.theme is Theme.DATES)
        if old.get(name) != new.get(name) and is_told_here:
            yield from _line(name, old.get(name), new.get(name), dates, language)


def _span(fields: Mapping[str, Any], dates: CohortDates) -> str:
    if not fields:
        return ""
    day = dates.day(fields["week"], fields["weekday"].offset)
    starts, ends = (datetime.combine(day, fields[name]) for name in ("start", "end"))
    return local_dates.span(starts, ends)


def _line(name: str, old: Any, new: Any, dates: CohortDates, language: str) -> Iterator[Line]:
    before, after = (_words(name, value, dates, language) for value in (old, new))
    if name == "body":
        before, after = _what_differs(before, after)
    if before != after:
        label = str(DAYS[name][0]) if name in DAYS else field_name(name).capitalize()
        yield Line(label, before, after)


def _words(name: str, value: Any, dates: CohortDates, language: str) -> str:
    """As it is read; empty for what is no text and no day."""
    if name in DAYS and value is not None:
        return local_dates.day(dates.day(value, DAYS[name][1]))
    if isinstance(value, Text):
        return value.read(language)[0]
    if isinstance(value, Lines):
        return "\n".join(value.read(language)[0])
    return str(value) if name == "minutes" and value is not None else ""


def _what_differs(before: str, after: str) -> tuple[str, str]:
    """Only the paragraphs that are not in both."""
    old, new = before.split(PARAGRAPH), after.split(PARAGRAPH)
    steps = [step for step in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes() if step[0] != "equal"]
    return (
        PARAGRAPH.join(text for _tag, first, last, _from, _to in steps for text in old[first:last]),
        PARAGRAPH.join(text for _tag, _first, _last, first, last in steps for text in new[first:last]),
    )
