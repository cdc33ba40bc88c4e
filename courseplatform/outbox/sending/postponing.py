"""Not now, but later: outside the send window, or too much for one person (MODEL S3, P5; DELIVERY §§6, 7)."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from uuid import UUID

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.sending.claiming import Lease, settle
from courseplatform.outbox.sending.objections import too_late
from courseplatform.outbox.sending.pacing import CAPPED, COUNTED, loses_its_place, opens_at

Kind, State = Message.Kind, Message.State
A_DAY = timedelta(days=1)
A_MOMENT = timedelta(minutes=1)  # until somebody else's mail to the same person is out
Verdict = tuple[tuple[str, object], ...]  # fields and values


def may_leave(lease: Lease, messages: list[Message], now: datetime) -> list[Message]:
    """Those that may leave now. The others get a later time, or are held back when that would be too late."""
    waits = _waits(lease, messages, now)
    counts = _latest_counts(messages)  # after who is in other hands was read: see there
    found: dict[Verdict, list[Message]] = defaultdict(list)
    for message in messages:
        verdict = _verdict(message, now, counts.get(message.person_id), waits.get(message.pk, now))
        found[verdict].append(message)
    admitted = found.pop((), [])
    for verdict, others in found.items():
        settle(lease.claim, [message.pk for message in others], **dict(verdict))
    return admitted


def mail_of(message: Message) -> UUID:
    """By its lead, the mail that a message in doubt may have gone out with: it goes again under the same Message-ID."""
    return message.merged_into_id or message.pk


def _verdict(message: Message, now: datetime, count: WeeklyCount | None, wait: datetime) -> Verdict:
    """The fields that send it home; none when it may leave now."""
    window = opens_at(message, now)
    place = opens_at(message, now, count) if count else window
    at = max(place, wait)
    if at <= now:
        return ()
    if window >= message.expires_at:
        return ("state", State.SUPPRESSED), ("reason", too_late(message))
    # Only for a place in the week may it have waited too long: after an outage a minute more is nothing.
    if at >= message.expires_at or (place > window and loses_its_place(message, place)):
        return ("state", State.SUPPRESSED), ("reason", "cap")
    return ("state", State.DUE), ("due_at", at)


def _latest_counts(messages: list[Message]) -> dict[object, WeeklyCount]:
    people = {message.person_id for message in messages}
    return {count.person_id: count for count in WeeklyCount.objects.filter(person__in=people).order_by("last_at")}


def _waits(lease: Lease, messages: list[Message], now: datetime) -> dict[UUID, datetime]:
    """When to come again with the messages whose person has, or may have, another mail just now."""
    elsewhere = _people_in_other_hands(lease, messages)
    here = _mails_in_doubt(messages)
    waits = {
        one.pk: now + A_MOMENT
        for one in messages
        if _is_capped(one) and (one.person_id in elsewhere or here.get(one.person_id, mail_of(one)) != mail_of(one))
    }
    if lease.is_catching_up:
        heard = _heard_today(messages, now)
        late = [one for one in messages if one.kind != Kind.EVENT and one.person_id in heard]
        waits |= {one.pk: opens_at(one, _tomorrow(one, now)) for one in late}
    return waits


def _people_in_other_hands(lease: Lease, messages: list[Message]) -> set[UUID]:
    """Who may be getting a mail from another sender at this instant.

    Of two senders that each claimed one message of a person, at least one sees the other here: both claims were
    committed before either looked. Whoever settles in between is found in the counts, which are read afterwards.
    """
    people = {message.person_id for message in messages if _is_capped(message)}
    others = Message.objects.filter(state=State.CLAIMED, person__in=people, kind__in=COUNTED)
    others = others.filter(channel=Message.Channel.EMAIL).exclude(claim=lease.claim)
    return set(others.values_list("person_id", flat=True))


def _mails_in_doubt(messages: list[Message]) -> dict[UUID, UUID]:
    """By person, the one that goes again first. It takes along nothing else, so the rest comes after it."""
    doubtful = [one for one in messages if one.maybe_sent and _is_capped(one)]
    return {one.person_id: mail_of(one) for one in reversed(doubtful)}


def _is_capped(message: Message) -> bool:
    return message.kind in CAPPED and message.channel == Message.Channel.EMAIL


def _heard_today(messages: list[Message], now: datetime) -> set[UUID]:
    """Who has had a mail of any kind on this day of theirs: while we catch up, one is enough (DELIVERY §7)."""
    people = {message.person_id for message in messages}
    sent = Message.objects.filter(person__in=people, state=State.SENT, sent_at__gt=now - A_DAY)
    sent = sent.exclude(channel=Message.Channel.IN_APP)
    return {one.person_id for one in sent if _tomorrow(one, one.sent_at or now) == _tomorrow(one, now)}


def _tomorrow(message: Message, now: datetime) -> datetime:
    day = to_local(now, message.tzid).date() + A_DAY
    return to_utc(datetime.combine(day, time.min), message.tzid)
