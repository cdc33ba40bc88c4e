"""How long something took or is ago, in one short word or two."""

from datetime import datetime, timedelta

from django import template
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def ago(moment: datetime, now: datetime) -> str:
    """“7 minutter”."""
    return long_ago(now - moment)


@register.filter
def long_ago(passed: timedelta) -> str:
    """“7 minutter”: seconds up to two minutes, then minutes, hours, days."""
    seconds = max(0, int(passed.total_seconds()))
    if seconds < 120:
        return ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}
    if (minutes := seconds // 60) < 120:
        return ngettext("%(number)d minute", "%(number)d minutes", minutes) % {"number": minutes}
    if (hours := minutes // 60) < 48:
        return ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours}
    return ngettext("%(number)d day", "%(number)d days", hours // 24) % {"number": hours // 24}
