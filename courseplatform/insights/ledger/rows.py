"""A message as HR reads it: the same words on the page and in the file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform.insights.ledger.reading import HELD_BACK, SENT, UNDELIVERED
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.reasons import sentence
from courseplatform.outbox.writing.topics import event_title
from lessons.versions import programme

Kind, State = Message.Kind, Message.State


@dataclass(frozen=True)
class Row:
    """`at` is UTC, `why` a sentence or empty. Nothing here depends on what the person has done or chosen."""

    id: UUID
    at: datetime
    name: str
    email: str
    role: str  # what they are to this message: “participant” or “line manager”
    is_for_sponsor: bool
    kind: str
    subject: str
    state: str
    why: str


def rows(messages: Iterable[Message]) -> Iterator[Row]:
    """One of each, in the active language. The messages come from `whole`."""
    return map(row, messages)


def whole(messages: QuerySet[Message]) -> QuerySet[Message]:
    """With what a row reads, in one query."""
    return messages.select_related("person", "enrolment", "workshop", "meeting")


def row(message: Message) -> Row:
    """A message of `ledger.shown`."""
    return Row(
        id=message.pk,
        at=moment(message),
        name=message.person.display_name,
        email=message.person.email,
        role=_role(message),
        is_for_sponsor=message.is_for_sponsor,
        kind=str(message.get_kind_display()),
        subject=subject(message),
        state=state(message),
        why=sentence(message.open_reason),  # type: ignore[attr-defined]  # ledger.shown
    )


def _role(message: Message) -> str:
    if message.is_for_sponsor:
        return _("line manager")
    return _("participant") if message.person_id == message.enrolment.person_id else _("colleague in their seat")


def moment(message: Message) -> datetime:
    """When it is everybody's turn. Only calendar mail says when it went: of another it would tell that it did."""
    at: datetime = message.at  # type: ignore[attr-defined]  # ledger.shown
    return message.sent_at or at if message.kind == Kind.EVENT else at


def subject(message: Message) -> str:
    """The question or the reminder in the version's words; the kind of message where it has none of its own."""
    prompts = {prompt.key: prompt for prompt in programme(message.template_version).prompts}
    prompt = prompts.get(message.base_template)
    if prompt:
        return prompt.text.read(get_language() or "da")[0]
    return event_title(message) if message.kind == Kind.EVENT else str(message.get_kind_display()).capitalize()


def state(message: Message) -> str:
    """What became of it, as far as that is anybody else's business."""
    shelf = message.shelf  # type: ignore[attr-defined]  # ledger.shown
    if shelf in (HELD_BACK, UNDELIVERED) or message.kind == Kind.EVENT:
        return str(message.get_state_display())
    return _("sent, or held back for the person's own sake") if shelf == SENT else str(State.DUE.label)
