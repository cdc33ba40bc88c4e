"""What ends a question: an answer, wherever it is kept, or “Not now” (MODEL P2, P3). Sees nothing of the answer."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from courseplatform.outbox import back_off
from courseplatform.outbox.models import Message
from courseplatform.outbox.objections import occurrence

State = Message.State


@transaction.atomic
def answer(message: Message, now: datetime) -> bool:
    """Marks it answered and calls its follow-up off; a conversation that was held is held for both.

    Safe to repeat: the first time stands. False when it was answered already.
    """
    is_new = Message.objects.filter(pk=message.pk, answered_at=None).update(answered_at=now, dismissed_at=None) == 1
    if message.kind == Message.Kind.CONVERSATION:
        _of_the_other(message).filter(answered_at=None).update(answered_at=now)
        _call_off(_of_the_other(message))
    _call_off(same_question(message))
    back_off.speaks_up(message.person_id, now)
    message.refresh_from_db(fields=["answered_at", "dismissed_at"])
    return is_new


@transaction.atomic
def dismiss(message: Message, now: datetime) -> bool:
    """“Not now”: it is not asked again. Safe to repeat; an answer is stronger and stays."""
    open_ = Message.objects.filter(pk=message.pk, answered_at=None, dismissed_at=None)
    is_new = open_.update(dismissed_at=now) == 1
    _call_off(same_question(message))
    back_off.speaks_up(message.person_id, now)
    message.refresh_from_db(fields=["answered_at", "dismissed_at"])
    return is_new


def same_question(message: Message) -> QuerySet[Message]:
    """The question and its follow-up, to the same person."""
    enrolment, template, stem = occurrence(message)
    return Message.objects.filter(enrolment_id=enrolment, template=template, occurrence_key__startswith=f"{stem}:")


def _of_the_other(message: Message) -> QuerySet[Message]:
    """The same conversation as the other of the two was asked about it."""
    mine, base = message.template, message.base_template
    other = base if mine != base else f"{base}.sponsor"
    stem = message.occurrence_key.removesuffix(f":{mine}:0").removesuffix(f":{mine}:1")
    return Message.objects.filter(
        enrolment=message.enrolment_id, template=other, occurrence_key__startswith=f"{stem}:{other}:"
    )


def _call_off(messages: QuerySet[Message]) -> None:
    """What waits is held back; what is on its way is caught by the last look before sending."""
    messages.filter(state=State.DUE).update(state=State.SUPPRESSED, reason="answered")
