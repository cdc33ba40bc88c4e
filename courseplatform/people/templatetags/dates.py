"""Dates for templates; see `people.local_dates`."""

from datetime import date, datetime

from django import template

from courseplatform.people import local_dates

register = template.Library()
register.filter("clock", local_dates.clock)
register.filter("week", local_dates.week)
register.filter("short_day", local_dates.short_day)
register.simple_tag(local_dates.span, name="span")


@register.filter
def day(moment: date | datetime) -> str:
    """“onsdag den 9. september”."""
    return local_dates.day(moment)


@register.filter
def day_year(moment: date | datetime) -> str:
    """“onsdag den 9. september 2026”."""
    return local_dates.day(moment, year=True)


@register.filter
def date_only(moment: date | datetime) -> str:
    """“9. september”."""
    return local_dates.day(moment, weekday=False)


@register.filter
def date_only_year(moment: date | datetime) -> str:
    """“9. september 2026”."""
    return local_dates.day(moment, year=True, weekday=False)
