"""The stamp that says somebody delivers, and how much there is to deliver (DELIVERY §10)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from courseplatform.outbox.models import Message, Pulse

THE_ROW = 1
RAMP = timedelta(minutes=10)  # the least that catching up takes
# Stamp and look in one: an idle dispatch costs next to nothing, however much is planned for later.
# All priorities by name: only so is the index, which begins with them, asked a few short questions.
STAMP_AND_COUNT = """
    UPDATE outbox_pulse SET dispatched_at = %(now)s WHERE id = %(row)s
    RETURNING (SELECT COUNT(*) FROM (
        SELECT 1 FROM outbox_message
        WHERE state = 'due' AND priority IN (0, 1, 2) AND due_at <= %(now)s
          AND (not_before IS NULL OR not_before <= %(now)s)
        LIMIT %(most)s) AS waiting)"""


def stamp_and_count(now: datetime, *, at_most: int) -> int:
    """Somebody dispatches at that instant; how many messages are due, counted no further than that. One query."""
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(STAMP_AND_COUNT, {"now": moment, "row": THE_ROW, "most": at_most})
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def is_silent(now: datetime, *, apart_from: datetime | None = None) -> bool:
    """Whether nobody has dispatched for four ticks, or nobody but who did so at the given instant.

    Then the broker, beat or the worker is gone, or no longer listens.
    """
    stamp = Pulse.objects.filter(pk=THE_ROW).values_list("dispatched_at", flat=True).first()
    return stamp is None or stamp == apart_from or now - stamp > timedelta(seconds=4 * settings.DISPATCH_EVERY)


def begin_catching_up(now: datetime) -> None:
    """A standstill ends at that instant: the relay is loaded slowly, and nobody gets two mails in one day."""
    Pulse.objects.filter(pk=THE_ROW).update(catching_up_since=now)


def end_catching_up(now: datetime) -> None:
    """Back to every day, once the ramp is climbed and nothing is left waiting."""
    if not Message.objects.due(now).exists():
        Pulse.objects.filter(pk=THE_ROW, catching_up_since__lte=now - RAMP).update(catching_up_since=None)
