"""Claim, look again, compose, send one by one, and settle each before the next (DELIVERY §§2, 5, 6, 9)."""

import logging
from collections import Counter
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import F

from courseplatform.cohorts.local_time import to_local
from courseplatform.outbox import channels
from courseplatform.outbox.admission import Group, admit
from courseplatform.outbox.claiming import BATCH, Lease, claim, close, release, settle
from courseplatform.outbox.composing import written
from courseplatform.outbox.mail import Mail
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.pacing import COUNTED
from courseplatform.outbox.steps import step
from courseplatform.people.models import User

log = logging.getLogger(__name__)
State = Message.State
ONE_PASS = 50  # seconds after which a pass takes no further batch
FRESH = 2  # seconds after which the rest of a slice is looked at again
DOUBT = timedelta(minutes=10)  # until a message that may have gone out is tried again
RETRIES = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6))
ENOUGH_CRASHES = 3


def send_due(now: datetime) -> Counter[str]:
    """Sends what is due at that instant and returns how many messages ended in which way.

    Any number of processes may do this at once. What the relay would not hear of stays due.
    """
    tally: Counter[str] = Counter()
    began = monotonic()
    with channels.open_channel(now) as channel:
        while monotonic() - began < ONE_PASS and (room := channel.room(BATCH)) and (lease := claim(now, batch=room)):
            try:
                tally += _send_batch(lease, channel, now)
            except channels.RelayTrouble as trouble:
                log.warning("The mail relay is in trouble (%s); %s messages wait", trouble, release(lease))
                break
            finally:
                close(lease)
    return tally


def _send_batch(lease: Lease, channel: channels.Channel, now: datetime) -> Counter[str]:
    tally: Counter[str] = Counter()
    step("after_claim")
    while (groups := admit(lease, now)) is not None:
        looked = monotonic()
        step("slice_query")
        for group in groups:
            lease.keep_alive()
            if not lease.is_safe():
                log.warning("Lost claim %s: the rest of the batch is somebody else's", lease.claim)
                return tally
            tally[_send(lease, group, channel, now)] += 1
            step("after_commit")
            if monotonic() - looked > FRESH:
                break
    return tally


def _send(lease: Lease, group: Group, channel: channels.Channel, now: datetime) -> str:
    """One mail, settled. Raises RelayTrouble, and then nothing is settled."""
    if group.lead.channel == Message.Channel.IN_APP:
        return _settle(lease, group, now, state=State.SENT, sent_at=now)
    mail = _composed(group, now)
    if mail is None:
        return _settle(lease, group, now, state=State.HELD, reason="unwritable")
    return _deliver(lease, group, mail, channel, now)


def _composed(group: Group, now: datetime) -> Mail | None:
    """The mail, or None when it cannot be written: one such message must not take its neighbours along."""
    try:
        return written(group.lead, group.others, now)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, the others go on
        log.error("Message %s cannot be written: %s", group.lead.pk, type(error).__name__)
        return None


def _deliver(lease: Lease, group: Group, mail: Mail, channel: channels.Channel, now: datetime) -> str:
    step("before_mail")
    try:
        reply = channel.send(mail)
    except channels.RelayTrouble:
        raise
    except channels.Undelivered as trouble:
        said = {"reply_code": trouble.code, "reply_enhanced": trouble.enhanced}
        return _settle(lease, group, now, **said, **_outcome(trouble, group.lead, now))
    step("after_250")
    return _settle(lease, group, now, state=State.SENT, sent_at=now, reply_code=reply.code, reason="")


def _outcome(trouble: channels.Undelivered, lead: Message, now: datetime) -> dict[str, object]:
    """What becomes of the message: DELIVERY §9, last column."""
    if isinstance(trouble, channels.BadAddress):
        return {"state": State.FAILED, "reason": "undeliverable"}
    if isinstance(trouble, channels.Refused):
        return {"state": State.HELD, "reason": "refused"}
    if isinstance(trouble, channels.InDoubt):
        return in_doubt(lead.crashes, now)
    if lead.tries >= len(RETRIES):
        return {"state": State.FAILED, "reason": "soft"}
    return {"state": State.DUE, "tries": lead.tries + 1, "due_at": now + _wait(lead)}


def in_doubt(crashes: int, now: datetime) -> dict[str, object]:
    """What becomes of a message that may have gone out: flagged, tried again later, held the third time (MODEL P9)."""
    if crashes + 1 >= ENOUGH_CRASHES:
        return {"state": State.HELD, "reason": "crashes", "crashes": crashes + 1, "maybe_sent": True}
    return {"state": State.DUE, "crashes": crashes + 1, "maybe_sent": True, "due_at": now + DOUBT}


def _wait(lead: Message) -> timedelta:
    """Five minutes, an hour, six hours, give or take a fifth: the same for the same message, spread between them."""
    share = lead.pk.int % 401 / 1000 - 0.2
    return RETRIES[lead.tries] * (1 + share)


@transaction.atomic
def _settle(lease: Lease, group: Group, now: datetime, **fields: object) -> str:
    """One commit for the whole mail, so that after a crash only this one can be in doubt."""
    state = str(fields["state"])
    if not settle(lease.claim, [group.lead.pk], **fields):
        log.warning("Message %s was settled by somebody else", group.lead.pk)
        return "lost"
    if state == State.SENT:
        fields = {"state": State.MERGED, "sent_at": now, "merged_into": group.lead}
        _count(group.lead, now)
    settle(lease.claim, [message.pk for message in group.others], **fields)
    if state == State.FAILED and fields.get("reason") == "undeliverable":
        User.objects.filter(pk=group.lead.person_id, undeliverable_since=None).update(undeliverable_since=now)
    return state


def _count(lead: Message, now: datetime) -> None:
    """One more mail in this person's week (MODEL P5)."""
    if lead.kind not in COUNTED or lead.channel != Message.Channel.EMAIL:
        return
    year, week, _ = to_local(now, lead.tzid).isocalendar()
    place = {"person_id": lead.person_id, "iso_year": year, "iso_week": week}
    WeeklyCount.objects.bulk_create([WeeklyCount(**place, last_at=now)], ignore_conflicts=True)
    WeeklyCount.objects.filter(**place).update(mails=F("mails") + 1, last_at=now)
