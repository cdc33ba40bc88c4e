"""What ends a question: an answer, wherever it is kept, or “Not now” (MODEL P2, P3). Sees nothing of the answer."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.capping import MAY_RETURN
from courseplatform.outbox.planning.cohort_plan import NOTHING
from courseplatform.outbox.planning.gathering import gather, with_rules
from courseplatform.outbox.planning.planned import PLANNED, Planned
from courseplatform.outbox.planning.rows import Writing
from courseplatform.outbox.planning.together import plan_together
from courseplatform.outbox.reading import back_off
from courseplatform.outbox.sending.objections import occurrence
from courseplatform.outbox.sending.pacing import calendar_of

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


@transaction.atomic
def answer_ahead(enrolment: Enrolment, template: str, now: datetime) -> bool:
    """A question was answered before its mail was due, where it stands in a lesson: that mail is not sent.

    The occurrence stays, with a row that says `answered`, also where none was made yet. False when none was to come.
    """
    cohort = with_rules(Cohort.objects.all()).get(pk=enrolment.cohort_id)
    gathered = gather(cohort, now, only=enrolment)
    planned = plan_together(gathered.cohorts, now, gathered.history)
    wanted = (one for one in planned if (one.enrolment_id, one.template) == (enrolment.pk, template))
    coming = next((one for one in wanted if _is_to_come(one, now)), None)
    if coming is None:
        return False
    row = Writing(cohort, gathered, NOTHING, calendar_of(cohort), now).row(coming)
    row.state, row.reason = State.SUPPRESSED, "answered"
    Message.objects.bulk_create([row], ignore_conflicts=True)  # where there is one, it is that one
    asked = same_question(row).filter(is_follow_up=False, channel=row.channel)
    asked.filter(state=State.SUPPRESSED, reason__in=MAY_RETURN).update(reason="answered")
    return answer(asked.get(), now)


def _is_to_come(message: Planned, now: datetime) -> bool:
    """Whether it goes, or would if its person were not pausing or short of room."""
    may_go = message.state in (PLANNED, State.DUE) or message.reason in MAY_RETURN
    return may_go and not message.is_follow_up and message.due_at >= now


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
