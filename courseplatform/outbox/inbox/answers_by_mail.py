"""Answers by e-mail: who may have written one, and which words are their own. What becomes of them the journal says.

The words pass through here in memory only; no row, log or mail of ours ever has them.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from courseplatform.outbox.inbox import files_refused, tokens
from courseplatform.outbox.inbox.arrived import Arrived
from courseplatform.outbox.inbox.outcomes import Outcome
from courseplatform.outbox.inbox.own_words import LONGEST, own_words
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.people.refusals import Refusal

Keeper = Callable[[Message, str, datetime], None]
"""Keeps an answer to a message: its text as its author wrote it, and now. Raises Refusal where that cannot be."""

_keepers: list[Keeper] = []


def kept_by(keeper: Keeper) -> None:
    """From now on answers go there. A room to the right says so once, when it is ready."""
    _keepers[:] = [keeper]


def answered(arrived: Arrived) -> UUID | None:
    """The message whose reply address a mail was sent to."""
    return next(filter(None, map(tokens.message_of_reply, arrived.recipients)), None)


def read(arrived: Arrived, now: datetime) -> Outcome | None:
    """Takes mail to a reply address of ours; None for other mail. Answers none, but for a word about a file in it."""
    if (about := answered(arrived)) is None:
        return None
    return Outcome(IncomingMail.Kind.ANSWER, _kept(about, arrived, now), about)


def too_big(arrived: Arrived, now: datetime) -> Outcome:
    """Of a mail that nobody reads: noted with the message it answers, and told to who was asked and has sent it."""
    if (about := answered(arrived)) is None:
        return Outcome(IncomingMail.Kind.OTHER, "too_big")
    message = Message.objects.select_related("person").filter(pk=about).first()
    if message is None or not _is_from(message, arrived):
        return Outcome(IncomingMail.Kind.ANSWER, "too_big")
    if not arrived.is_automatic:
        files_refused.tell(message, files_refused.TOO_BIG, now)
    return Outcome(IncomingMail.Kind.ANSWER, "too_big", message.pk)


def _kept(about: UUID, arrived: Arrived, now: datetime) -> str:
    """Hands the words on, or says in a word why not."""
    message = Message.objects.select_related("person", "enrolment").filter(pk=about).first()
    if arrived.is_automatic:
        return "automatic"
    if message is None or not _is_from(message, arrived):
        return "wrong_sender"
    if arrived.has_files:
        files_refused.tell(message, files_refused.WITH_FILE, now)
    words = own_words(arrived)
    if not words or len(words) > LONGEST:
        return "too_long" if words else "empty"
    return _handed_on(message, words, now)


def _is_from(message: Message, arrived: Arrived) -> bool:
    return arrived.sender == message.person.email and message.person.is_active and not arrived.is_denied


def _handed_on(message: Message, words: str, now: datetime) -> str:
    if not _keepers:
        return "no_reader"
    try:
        _keepers[0](message, words, now)
    except Refusal:
        return "not_taken"
    return "kept"
