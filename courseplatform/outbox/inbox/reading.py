"""What comes back by mail, each mail once: reports, answers to invitations, answers by e-mail (DELIVERY §9).

The row that says so and what the mail changes are one transaction, and the mail leaves the mailbox after it: where that
breaks off, the next tick finds the row. Network is never touched inside a transaction.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from time import monotonic

from django.db import InterfaceError, OperationalError, transaction

from courseplatform.outbox.inbox import answers_by_mail, bounces, calendar_replies
from courseplatform.outbox.inbox.arrived import Arrived, Unreadable, opened
from courseplatform.outbox.inbox.mailboxes import TROUBLE, Mailbox, Place, Waiting, open_mailbox
from courseplatform.outbox.inbox.outcomes import Outcome
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.outbox.operating import metrics

log = logging.getLogger(__name__)
Kind = IncomingMail.Kind
Reader = Callable[[Arrived, datetime], Outcome | None]
# The first that knows the mail has it.
READERS: tuple[Reader, ...] = (bounces.read, calendar_replies.read, answers_by_mail.read)

BIGGEST, HEAD = 1 << 20, 1 << 16  # bytes: of a mail we read, and of the one we only look at
KEPT = timedelta(days=365)
MOST_FORGOTTEN = 500  # rows of one tick
MOST_MAILS, MOST_BYTES, LONGEST = 200, 16 << 20, 20  # of one tick; seconds
MOST_REMEMBERED = 10_000
_stayed: set[str] = set()  # names this process could not read or put away: a tick's worth must not block the others
PLACES = {
    "nobodys": Place.OTHER,
    "wrong_sender": Place.OTHER,
    "no_reader": Place.OTHER,
    "not_taken": Place.OTHER,
    "too_long": Place.OTHER,
    "empty": Place.OTHER,
    "too_big": Place.BROKEN,
    "unreadable": Place.BROKEN,
    "failed": Place.BROKEN,
}


def read(now: datetime) -> Counter[str]:
    """Reads what waits, within bounds, and returns how many mails had which outcome. Any number may do so at once.

    A mailbox that does not answer is left for the next tick.
    """
    tally: Counter[str] = Counter()
    try:
        with open_mailbox() as box:
            for mail in _bounded(box):
                if row := _take(box, mail, now):
                    tally[row.outcome] += 1
    except TROUBLE as trouble:
        log.warning("The inbox cannot be read (%s); mail waits there", type(trouble).__name__)
    metrics.write_down()
    return tally


def forget(now: datetime) -> int:
    """What became of a mail is known for a year (MODEL §9 “Messages”); some of the oldest rows at a time."""
    old = IncomingMail.objects.filter(received_at__lt=now - KEPT).order_by("received_at")
    return IncomingMail.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:MOST_FORGOTTEN])).delete()[0]


def _bounded(box: Mailbox) -> Iterator[Waiting]:
    """As much as one tick may cost."""
    began, size = monotonic(), 0
    for mail in box.waiting(MOST_MAILS, _stayed):
        size += min(mail.size, BIGGEST)
        if size > MOST_BYTES or monotonic() - began > LONGEST:
            return
        yield mail


def _take(box: Mailbox, mail: Waiting, now: datetime) -> IncomingMail | None:
    """Reads one mail and puts it away; None when another reader was faster."""
    is_whole = mail.size <= BIGGEST
    raw = box.beginning(mail.name, BIGGEST if is_whole else HEAD)
    if not raw and mail.size:
        _stays(mail)
        return None
    row = _counted_once(raw, now, is_whole=is_whole)
    _put_away(box, mail, PLACES.get(row.outcome, Place.GONE))
    return row


def _put_away(box: Mailbox, mail: Waiting, place: Place) -> None:
    """Where it stays all the same, it is known at the next tick, and those behind it are read."""
    try:
        box.put(mail.name, place)
        _stayed.discard(mail.name)
    except TROUBLE as trouble:
        _stays(mail)
        log.warning("A mail that was read stays in the inbox (%s)", type(trouble).__name__)


def _stays(mail: Waiting) -> None:
    if len(_stayed) >= MOST_REMEMBERED:
        _stayed.clear()
    _stayed.add(mail.name)


def _counted_once(raw: bytes, now: datetime, *, is_whole: bool) -> IncomingMail:
    arrived = _opened(raw)
    with transaction.atomic():
        seen = {"kind": Kind.OTHER, "outcome": "", "received_at": now}
        fingerprint = hashlib.sha256(raw).hexdigest()
        row, is_new = IncomingMail.objects.get_or_create(fingerprint=fingerprint, defaults=seen)
        if is_new:
            found = _understood(arrived, now, READERS if is_whole else (answers_by_mail.too_big,))
            row.kind, row.outcome = found.kind, found.word
            row.message = Message.objects.filter(pk=found.message).first() if found.message else None
            row.save(update_fields=["kind", "outcome", "message"])
    return row


def _opened(raw: bytes) -> Arrived | None:
    try:
        return opened(raw)
    except (Unreadable, RecursionError, ValueError, LookupError):
        return None


def _understood(arrived: Arrived | None, now: datetime, readers: Iterable[Reader]) -> Outcome:
    """What the mail meant. Whatever its reader began and could not finish is undone; the other mails go on."""
    if arrived is None:
        return Outcome(Kind.OTHER, "unreadable")
    try:
        with transaction.atomic():
            return next(filter(None, (reader(arrived, now) for reader in readers)), _nobodys(arrived))
    except (OperationalError, InterfaceError):  # the database's trouble, not the mail's
        raise
    except Exception as error:  # noqa: BLE001 - one broken mail must not stop the rest
        log.warning("A mail that came in cannot be read: %s", type(error).__name__)
        return Outcome(Kind.OTHER, "failed")


def _nobodys(arrived: Arrived) -> Outcome:
    """A person may look at what a person wrote; nobody needs to know who is out of office."""
    return Outcome(Kind.OTHER, "automatic" if arrived.is_automatic else "nobodys")
