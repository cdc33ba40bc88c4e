"""What becomes of a mail that was tried, written down in one commit (DELIVERY §§4, 9; MODEL P5, P9)."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.operating import metrics
from courseplatform.outbox.relay.replies import BadAddress, InDoubt, Refused, Undelivered
from courseplatform.outbox.sending.admission import Group
from courseplatform.outbox.sending.claiming import Lease, settle
from courseplatform.outbox.sending.pacing import COUNTED
from courseplatform.outbox.sending.sent_at_once import Week, write_sent
from courseplatform.people.models import User

log = logging.getLogger(__name__)
State = Message.State
DOUBT = timedelta(minutes=10)  # until a message that may have gone out is tried again
RETRIES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
ENOUGH_CRASHES = 3
PATIENCE = 0.5  # seconds between two tries to write down what cannot be taken back


class LeaseLost(Exception):
    """The batch is somebody else's: nothing more may be sent under this lease."""


def outcome(trouble: Undelivered, lead: Message, now: datetime) -> dict[str, Any]:
    """What becomes of the message: DELIVERY §9, last column."""
    said = {"reply_code": trouble.code, "reply_enhanced": trouble.enhanced}
    return said | _verdict(trouble, lead, now)


def _verdict(trouble: Undelivered, lead: Message, now: datetime) -> dict[str, Any]:
    if isinstance(trouble, BadAddress):
        return {"state": State.FAILED, "reason": "undeliverable"}
    if isinstance(trouble, Refused):
        return {"state": State.HELD, "reason": "refused"}
    if isinstance(trouble, InDoubt):
        return in_doubt(lead, now)
    if lead.tries >= len(RETRIES):
        return {"state": State.FAILED, "reason": "soft"}
    return {"state": State.DUE, "tries": lead.tries + 1, "due_at": min(now + _wait(lead), lead.expires_at)}


def in_doubt(message: Message, now: datetime) -> dict[str, Any]:
    """What becomes of a message that may have gone out: flagged, tried again later, held the third time (MODEL P9)."""
    metrics.count("in_doubt")
    crashes = {"crashes": message.crashes + 1, "maybe_sent": True}
    if message.crashes + 1 >= ENOUGH_CRASHES:
        return {"state": State.HELD, "reason": "crashes", **crashes}
    return {"state": State.DUE, "due_at": min(now + DOUBT, message.expires_at), **crashes}


def _wait(lead: Message) -> timedelta:
    """Five minutes, an hour, six hours, give or take a fifth: the same for the same message, spread between them."""
    share = lead.pk.int % 401 / 1000 - 0.2
    return RETRIES[lead.tries] * (1 + share)


def write_down(lease: Lease, group: Group, now: datetime, **fields: Any) -> str:
    """The outcome of the whole mail, and the state it ends in. Raises LeaseLost when it was not ours any more.

    The mail cannot be called back: while the lease is safe, a database that is away is waited for.
    """
    while True:
        try:
            return _write_down(lease, group, now, fields)
        except (InterfaceError, OperationalError) as error:
            if connection.in_atomic_block or not lease.is_safe():
                raise
            log.warning("Message %s cannot be settled yet: %s", group.lead.pk, type(error).__name__)
            connection.close()
            time.sleep(PATIENCE)


def _write_down(lease: Lease, group: Group, now: datetime, fields: dict[str, Any]) -> str:
    """One commit for the whole mail, so that after a crash only this one can be in doubt."""
    if fields["state"] == State.SENT and connection.vendor == "postgresql":
        return _at_once(lease, group, now, fields.get("reply_code"))
    return _step_by_step(lease, group, now, fields)


def _at_once(lease: Lease, group: Group, now: datetime, code: int | None) -> str:
    sent, merged = write_sent(lease.claim, group.lead, group.others, now, code, _week_that_counts(group.lead, now))
    if not sent:
        raise _lost()
    metrics.count_outcome(State.SENT, "", sent)
    metrics.count_outcome(State.MERGED, "", merged)
    return str(State.SENT)


@transaction.atomic
def _step_by_step(lease: Lease, group: Group, now: datetime, fields: dict[str, Any]) -> str:
    state = str(fields["state"])
    if not settle(lease.claim, [group.lead.pk], **fields):
        raise _lost()
    for message in group.others:
        settle(lease.claim, [message.pk], **_along(message, group.lead, fields, now))
    if state == State.SENT:
        _count(group.lead, now)
    if state == State.FAILED and fields.get("reason") == "undeliverable":
        User.objects.filter(pk=group.lead.person_id, undeliverable_since=None).update(undeliverable_since=now)
    return state


def _along(message: Message, lead: Message, fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What that makes of a message that travelled along: it waits no longer than it may, and in doubt stays with it."""
    if fields["state"] == State.SENT:
        return {"state": State.MERGED, "sent_at": now, "merged_into": lead}
    own = {"due_at": min(fields["due_at"], message.expires_at)} if "due_at" in fields else {}
    return fields | own | ({"merged_into": lead} if fields.get("maybe_sent") else {})


def _lost() -> LeaseLost:
    metrics.count("settle_lost_guard")
    return LeaseLost()


def _count(lead: Message, now: datetime) -> None:
    """One more mail in this person's week."""
    if week := _week_that_counts(lead, now):
        place = {"person_id": lead.person_id, "iso_year": week[0], "iso_week": week[1]}
        WeeklyCount.objects.bulk_create([WeeklyCount(**place, last_at=now)], ignore_conflicts=True)
        WeeklyCount.objects.filter(**place).update(mails=F("mails") + 1, last_at=now)


def _week_that_counts(lead: Message, now: datetime) -> Week | None:
    """The ISO week that this mail takes a place in; None where it takes none (MODEL P5)."""
    if lead.kind not in COUNTED or lead.channel != Message.Channel.EMAIL:
        return None
    year, week, _day = to_local(now, lead.tzid).isocalendar()
    return year, week
