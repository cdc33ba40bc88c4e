"""The one clock that decides what is due and whose lease has run out (DELIVERY §5).

Workers run on many machines and their clocks differ; they only measure how much time has gone.
"""

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from courseplatform import clock


def database_now() -> datetime:
    """The database's present instant, aware, UTC, shifted by COURSEPLATFORM_CLOCK_SHIFT. One query at most.

    SQLite lives in this process and has this machine's clock.
    """
    if connection.vendor != "postgresql":
        return clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT STATEMENT_TIMESTAMP()")
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC) + timedelta(seconds=settings.CLOCK_SHIFT)


def boot_time() -> float:
    """Seconds that also pass while the process is stopped or the machine sleeps, where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
