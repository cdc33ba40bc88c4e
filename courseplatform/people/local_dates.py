"""Dates and times as people read them: “onsdag den 9. september 2026 kl. 08.30–15.30”, “uge 37” (MODEL S9)."""

from datetime import date, datetime

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

NO_BREAK = "\u00a0"  # keeps “9.” and “september” on one line


def local(moment: date | datetime) -> date | datetime:
    """An aware instant as local wall time (the current time zone); everything else as it is."""
    return timezone.localtime(moment) if isinstance(moment, datetime) and timezone.is_aware(moment) else moment


def day(moment: date | datetime, *, year: bool = False, weekday: bool = True) -> str:
    """“onsdag den 9. september”, in English “Wednesday 9 September”; with the year if asked for."""
    moment = local(moment)
    month = formats.date_format(moment, "F")
    if translation.get_language() == "da":
        words = f"{moment.day}.{NO_BREAK}{month}"
        words = f"{formats.date_format(moment, 'l')} den {words}" if weekday else words
    else:
        words = f"{moment.day}{NO_BREAK}{month}"
        words = f"{formats.date_format(moment, 'l')} {words}" if weekday else words
    return f"{words} {moment.year}" if year else words


def short_day(moment: date | datetime) -> str:
    """“9. sep.”, in English “9 Sep”."""
    moment = local(moment)
    month = formats.date_format(moment, "F")
    if translation.get_language() == "da":
        return f"{moment.day}.{NO_BREAK}{month[:3]}" + ("" if len(month) <= 3 else ".")
    return f"{moment.day}{NO_BREAK}{month[:3]}"


def clock(moment: datetime) -> str:
    """“08.30”, in English “08:30”."""
    return local(moment).strftime("%H.%M" if translation.get_language() == "da" else "%H:%M")


def week(moment: date | datetime) -> str:
    """“uge 37”: the ISO week."""
    return _("week %(number)d") % {"number": local(moment).isocalendar()[1]}


def span(starts_at: datetime | None, ends_at: datetime | None, *, year: bool = False) -> str:
    """“onsdag den 9. september kl. 08.30–15.30”; days on both ends when it lasts over midnight."""
    if starts_at is None:
        return _("no day yet")
    at = pgettext("before a clock time", "at")
    first = f"{day(starts_at, year=year)} {at}{NO_BREAK}{clock(starts_at)}"
    if ends_at is None:
        return first
    if day(starts_at, year=True) == day(ends_at, year=True):
        return f"{first}–{clock(ends_at)}"
    return f"{first} – {day(ends_at, year=year)} {at}{NO_BREAK}{clock(ends_at)}"
