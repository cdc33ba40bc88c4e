"""The end of an experiment is what its owner makes of it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from courseplatform.journal.experiments.days import WITH_AUTHOR, tell_outbox
from courseplatform.journal.models import Experiment, Reflection
from courseplatform.outbox.models import Message

State = Experiment.State


def asked_about(message: Message | None) -> Experiment | None:
    """The experiment of one's own that a question was about; None for all other questions."""
    if message is None:
        return None
    try:
        anchor = UUID(message.anchor)
    except ValueError:
        return None
    return Experiment.objects.filter(pk=anchor, enrolment=message.enrolment_id).first()


@transaction.atomic
def thought_through(pk: UUID, now: datetime) -> bool:
    """done or stopped ⇒ reflected, once a finished reflection belongs to it. Safe to repeat; whether it did."""
    if not Reflection.objects.filter(experiment=pk, saved_at__isnull=False).exists():
        return False
    ended = Experiment.objects.filter(pk=pk, state__in=[State.DONE, State.STOPPED])
    if not ended.update(state=State.REFLECTED, updated_at=now):
        return False
    tell_outbox(Experiment.objects.select_related(*WITH_AUTHOR).get(pk=pk))
    return True
