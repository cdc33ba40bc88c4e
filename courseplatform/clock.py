"""What time it is, for everyone who asks on behalf of a person."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The present instant, aware, UTC. Demo and tests may shift it with COURSEPLATFORM_CLOCK_SHIFT (seconds)."""
    return timezone.now() + timedelta(seconds=settings.CLOCK_SHIFT)


def today(tzid: str = "Europe/Copenhagen") -> date:
    """The local calendar date in that zone."""
    return now().astimezone(ZoneInfo(tzid)).date()
