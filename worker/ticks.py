"""What happens at each tick, whoever rings: Celery, the watch, or somebody at a keyboard. Safe to repeat."""

import logging
from collections import Counter
from datetime import datetime, timedelta

from courseplatform.clock import now
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.journal.writing import erase_deleted
from courseplatform.outbox.invitations import plan_all_invitations
from courseplatform.outbox.models import Pulse
from courseplatform.outbox.planner import plan
from courseplatform.outbox.reaping import reap
from courseplatform.outbox.sending import send_due

__all__ = ["is_dead", "now", "plan_tick", "reap_tick", "send_tick", "whole_pass"]

log = logging.getLogger(__name__)
STILL = timedelta(seconds=60)  # without a dispatch after which the watch rings itself
THE_ROW = 1


def plan_tick(now: datetime) -> None:
    """Cohorts whose day has come begin, pauses end; the coming week's messages and missing invitations are written."""
    cohorts.start_due(now)
    enrolments.resume_due(now)
    plan(now)
    plan_all_invitations(now)
    _stamp(planned_at=now)


def send_tick(now: datetime) -> Counter[str]:
    """What is due goes out; how many ended in which way."""
    _stamp(dispatched_at=now)
    sent = send_due(now)
    if sent:
        log.info("Messages: %s", ", ".join(f"{count} {outcome}" for outcome, count in sorted(sent.items())))
    return sent


def reap_tick(now: datetime) -> None:
    """Frees what dead senders held, holds back what has run out of time, and erases what was deleted long ago."""
    reap(now)
    erase_deleted(now)
    _stamp(reaped_at=now)


def whole_pass(now: datetime) -> Counter[str]:
    """Plan, send, reap: everything there is to do at that instant."""
    plan_tick(now)
    sent = send_tick(now)
    reap_tick(now)
    return sent


def is_dead(now: datetime) -> bool:
    """Whether nobody has dispatched for a minute: broker, beat or worker is gone, or no longer listens."""
    stamp = Pulse.objects.filter(pk=THE_ROW).values_list("dispatched_at", flat=True).first()
    return stamp is None or now - stamp > STILL


def _stamp(**moment: datetime) -> None:
    Pulse.objects.update_or_create(pk=THE_ROW, defaults=moment)
