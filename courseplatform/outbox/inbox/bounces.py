"""Reports of undelivered mail (RFC 3464). Only one that came to a token of ours says anything (DELIVERY §9).

An address counts as dead when the report says so for good and means the address we have today. Anything else that is
final is kept with the message alone; what is only late changes nothing.
"""

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_string
from email.message import Message as Mail
from email.policy import compat32
from itertools import islice

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from courseplatform.outbox.inbox import tokens
from courseplatform.outbox.inbox.arrived import Arrived, addresses, text_of
from courseplatform.outbox.inbox.outcomes import Outcome
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.outbox.operating import metrics
from courseplatform.people.models import User

log = logging.getLogger(__name__)
Kind, State = IncomingMail.Kind, Message.State
IN_DOUBT = Q(state__in=[State.DUE, State.SUPPRESSED, State.HELD], maybe_sent=True)
WENT_OUT, WENT_ALONG = Q(state=State.SENT) | IN_DOUBT, Q(state=State.MERGED) | IN_DOUBT
MOST_RECIPIENTS = 10  # a mail of ours has one; its address may stand for a few
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
UNKNOWN_PERSON = re.compile(r"\b55[013]\b|unknown|no such|does not exist|recipient address rejected", re.IGNORECASE)
POLICY = re.compile(r"policy|spam|block|denied|reputation|blacklist|not allowed|prohibited", re.IGNORECASE)
NO_PERSON, NOT_OURS_TO_SEND = {"5.2.1"}, {"5.1.7", "5.1.8"}  # the latter speak of the sender


def read(arrived: Arrived, now: datetime) -> Outcome | None:
    """Takes what came to an envelope sender of ours, and every report; None for other mail."""
    about = next(filter(None, map(tokens.message_of, arrived.recipients)), None)
    blocks = list(_recipients(arrived.mail))
    if about is None:
        return Outcome(Kind.BOUNCE, "unknown") if blocks else None
    if not blocks:
        return Outcome(Kind.BOUNCE, "automatic", about) if arrived.is_automatic else None
    message = Message.objects.select_related("person").filter(pk=about).first()
    if message is None:
        return Outcome(Kind.BOUNCE, "unknown")
    return Outcome(Kind.BOUNCE, _noted(message, blocks, arrived.mail, now), about)


def _noted(message: Message, blocks: list[Mail], report: Mail, now: datetime) -> str:
    verdicts = {verdict(block) for block in blocks}
    if "delayed" in verdicts:  # or it did arrive at one of the places the address stands for
        return "delayed"
    reason = min(verdicts, key=["refused", "soft", "undeliverable"].index)
    if not _came_back(message, reason, _status(blocks[0]), now):
        return "repeated"
    log.warning("Message %s came back: %s %s", message.pk, reason, _status(blocks[0]))
    if reason == "undeliverable":
        return _address_is_dead(message.person, report, now)
    return reason


def verdict(block: Mail) -> str:
    """What a report says of one recipient: `delayed` (nothing is final), or the reason why the message came back."""
    status, said = _status(block), str(block.get("Diagnostic-Code", ""))
    if _lower(block, "Action") != "failed":
        return "delayed"
    if status.startswith("4") or status == "5.2.2":  # tried long enough; a full mailbox may be emptied
        return "soft"
    return "undeliverable" if _means_the_address(status, said) else "refused"


def _means_the_address(status: str, said: str) -> bool:
    if status in NOT_OURS_TO_SEND:
        return False
    if status.startswith("5.1.") or status in NO_PERSON:
        return True
    if status == "5.4.1":  # what Exchange says of a person it does not know
        return "recipient address rejected" in said.lower()
    return status in ("", "5.0.0") and bool(UNKNOWN_PERSON.search(said)) and not POLICY.search(said)


def _status(block: Mail) -> str:
    """The enhanced code: the relay's own where the report's says nothing more than “permanent”."""
    found = [STATUS.search(str(block.get(field, ""))) for field in ("Status", "Diagnostic-Code")]
    codes = [match[0] for match in found if match]
    return next((code for code in codes if not code.endswith(".0.0")), codes[0] if codes else "")


def _recipients(mail: Mail) -> Iterator[Mail]:
    """One block of fields for each recipient the report is about; none where it is no report at all."""
    if mail.get_content_type() != "multipart/report":
        return
    for part in _within(mail):
        if part.get_content_type() == "message/delivery-status":
            yield from islice((block for block in _within(part) if "Action" in block), MOST_RECIPIENTS)


def _within(mail: Mail) -> Iterator[Mail]:
    """What a part holds; nothing where it is only text."""
    parts = mail.get_payload()
    yield from (part for part in parts if isinstance(part, Mail)) if isinstance(parts, list) else ()


def _came_back(message: Message, reason: str, status: str, now: datetime) -> bool:
    """sent → bounced, with all that travelled in the same mail. False when that is known, or it was never sent.

    Of one that may have gone out, the report says that it has. While a sender has it in hand again, its next one will.
    """
    facts = {"state": State.BOUNCED, "reason": reason, "reply_enhanced": status[:12], "maybe_sent": False}
    at = Coalesce("sent_at", Value(now))
    if Message.objects.filter(WENT_OUT, pk=message.pk).update(sent_at=at, **facts) == 0:
        return False
    travelled = Message.objects.filter(WENT_ALONG, merged_into=message).update(sent_at=at, **facts)
    metrics.count("bounced", number=1 + travelled)
    return True


def _address_is_dead(person: User, report: Mail, now: datetime) -> str:
    """Unless the report is about an address the person no longer has."""
    written_to = [address.casefold() for address in _quoted_recipients(report)]
    if written_to and person.email not in written_to:
        return "old_address"
    User.objects.filter(pk=person.pk, undeliverable_since=None).update(undeliverable_since=now)
    return "undeliverable"


def _quoted_recipients(report: Mail) -> list[str]:
    """To whom our own mail was addressed, as far as the report returns it."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            return addresses(message_from_string(text_of(part), policy=compat32), "To")
        if part.get_content_type() == "message/rfc822":
            return [address for mail in _within(part) for address in addresses(mail, "To")]
    return []


def _lower(block: Mail, field: str) -> str:
    return str(block.get(field, "")).strip().lower()
