"""The end of an experiment is what its owner makes of it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from courseplatform.journal.experiments.days import WITH_AUTHOR, tell_outbox
from courseplatform.journal.models import Experiment, Reflection
from courseplatform.outbox.models import Message
from lessons.versions import programme

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
    """done or stopped ⇒ reflected, once a finished reflection belongs to it. Safe to repeat; whether it did.

    The answer to what is asked before it begins does not count.
    """
    written = Reflection.objects.filter(experiment=pk, saved_at__isnull=False)
    if all(_looks_ahead(one) for one in written.select_related("enrolment__cohort__programme_version")):
        return False
    ended = Experiment.objects.filter(pk=pk, state__in=[State.DONE, State.STOPPED])
    if not ended.update(state=State.REFLECTED, updated_at=now):
        return False
    tell_outbox(Experiment.objects.select_related(*WITH_AUTHOR).get(pk=pk))
    return True


def _looks_ahead(reflection: Reflection) -> bool:
    """Whether it answers the question that comes before the first day."""
    prompts = programme(reflection.enrolment.cohort.programme_version.digest).prompts
    return any(one.key == reflection.prompt_key and one.anchor.startswith("experiment_start") for one in prompts)
