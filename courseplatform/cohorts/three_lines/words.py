"""What the three lines say in words: states, names and notes, in the active language."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform.cohorts.three_lines.lines import Event, Lines, Stop
from courseplatform.people.local_dates import short_day, span, week
from lessons.shape import Text


def read(text: Text) -> str:
    """A bilingual text in the active language."""
    return text.read(get_language() or "da")[0]


def programme_week(number: int) -> str:
    """“uge 3” of a programme without dates, counted from 1."""
    return _("week %(number)d") % {"number": number}


def state_in_words(stop: Stop) -> str:
    """“read”, “open”, “opens 23 Nov”; in a template “week 13”. “read” is never said of somebody by the clock."""
    if stop.in_week is not None:
        return programme_week(stop.in_week)
    if stop.state == "done":
        return _("read") if stop.is_own else _("open")
    if stop.state == "open":
        return _("open, you have begun") if stop.begun else _("open")
    return _("opens %(day)s") % {"day": short_day(stop.opens_on)}


def workshop_name(workshop: Event) -> str:
    """“Workshop 2”, or that it is the practice hack."""
    return _("Practice hack") if workshop.is_hack else _("Workshop %(number)d") % {"number": workshop.number}


def event_title(event: Event) -> str:
    """The title, without the kind of day that stands above it: “Praksishack: et bud på én dag” → “Et bud på én dag”."""
    kind, colon, rest = read(event.title).partition(": ")
    return rest[:1].upper() + rest[1:] if colon and event.is_hack and kind == _("Practice hack") else read(event.title)


def day_of(event: Event, lines: Lines) -> str:
    """“28. okt.”; in a template the week of the programme."""
    if lines.now is None or event.starts_on is None:
        return programme_week(int(event.week) + 1)
    return short_day(event.starts_on)


def facts_of(event: Event, lines: Lines) -> str:
    """When it is and how the reader stands to it: “onsdag den 28. oktober kl. 08.30–14.30 · du har sagt ja”."""
    if event.is_cancelled:
        return _("cancelled")
    return " · ".join(fact for fact in (_when(event, lines), _note(event)) if fact)


def _when(event: Event, lines: Lines) -> str:
    if lines.now is None:
        return programme_week(int(event.week) + 1)
    if event.starts_at is None:
        return f"{week(event.in_week_of)} · {_('the group chooses the day')}"
    return span(event.starts_at, event.ends_at)


def _note(event: Event) -> str:
    if event.is_before_start:
        return _("before you joined")
    if event.note == "colleague":
        return _("a colleague had your seat") if event.is_held else _("a colleague has your seat")
    if event.is_held:
        was_there = {"attended": _("you were there"), "part": _("you were there for part of it")}
        return was_there.get(event.note, _("held"))
    answers = {"accepted": _("you have said yes"), "tentative": _("you have said perhaps")}
    return (answers | {"declined": _("you cannot come")}).get(event.note, "")
