"""What happens at each tick, whoever rings: Celery, the watch, or somebody at a keyboard. Safe to repeat."""

import logging
from collections import Counter
from datetime import datetime
from math import ceil

from django.conf import settings

from courseplatform.journal.reflections.writing import erase_deleted
from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.models import Pulse
from courseplatform.outbox.planning import zone_rules
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import BATCH
from courseplatform.outbox.sending.database_clock import database_now as now
from courseplatform.outbox.sending.going_ahead import go_ahead
from courseplatform.outbox.sending.outages import coalesce, notice
from courseplatform.outbox.sending.pulse import THE_ROW, begin_catching_up, end_catching_up, stamp_and_count
from courseplatform.outbox.sending.reaping import reap
from courseplatform.people.privacy import tombstones
from courseplatform.people.signing_in.sessions import forget_ended

__all__ = ["TICKS", "dispatch_tick", "now", "plan_tick", "reap_tick", "send_some", "send_tick", "whole_pass"]

log = logging.getLogger(__name__)


def plan_tick(now: datetime) -> None:
    """Cohorts whose turn has come: they begin, pauses end, the coming week's messages and invitations are written."""
    pulse = _go_ahead(now)
    if pulse is None:
        return
    zone_rules.follow(pulse)
    plan(now)
    _stamp(planned_at=now)


def dispatch_tick(now: datetime) -> int:
    """How many senders there is work for: one for each batch that is due, two for each slot at most."""
    if not _go_ahead(now):
        return 0
    most = 2 * settings.SEND_SLOTS
    return min(most, ceil(stamp_and_count(now, at_most=most * BATCH) / BATCH))


def send_some(now: datetime) -> Counter[str]:
    """What is due goes out, for as long as one pass lasts; how many ended in which way."""
    sent = send_due(now)
    if sent:
        log.info("Messages: %s", ", ".join(f"{count} {outcome}" for outcome, count in sorted(sent.items())))
    return sent


def send_tick(now: datetime) -> Counter[str]:
    """Dispatches and sends by itself, where nobody else does."""
    if not _go_ahead(now):
        return Counter()
    _stamp(dispatched_at=now)
    return send_some(now)


def reap_tick(now: datetime) -> None:
    """Frees what dead senders held, holds back what ran out of time, erases what was deleted long ago, reads mail.

    Once an hour it also forgets sessions that have ended.
    """
    tombstones.keep_in_step(now)  # on a database from a backup too: what was erased is erased again before all else
    erase_deleted(now)
    if pulse := _go_ahead(now):
        if pulse.reaped_at is None or _hour_of(pulse.reaped_at) != _hour_of(now):
            forget_ended()
        reap(now, pulse.reaped_at)
        coalesce(now)
        end_catching_up(now)
        _stamp(reaped_at=now)
        inbox.forget(now)
        inbox.read(now)  # last: a mail server that is slow to answer keeps nothing else waiting


def _hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


TICKS = (plan_tick, send_tick, reap_tick)


def whole_pass(now: datetime) -> Counter[str]:
    """Plan, send, reap: everything there is to do at that instant."""
    plan_tick(now)
    sent = send_tick(now)
    reap_tick(now)
    return sent


def _go_ahead(now: datetime) -> Pulse | None:
    """None on a database from a backup. The first tick after a standstill writes that down before it stamps."""
    pulse = go_ahead(now)
    if pulse is not None and notice(pulse, now):
        begin_catching_up(now)
    return pulse


def _stamp(**moment: datetime) -> None:
    Pulse.objects.filter(pk=THE_ROW).update(**moment)  # `_go_ahead` has made it
