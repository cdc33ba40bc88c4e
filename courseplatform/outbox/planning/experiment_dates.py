"""What a participant's own experiments mean for what they are asked, and when (MODEL §13)."""

from datetime import date
from uuid import UUID

from courseplatform.cohorts.models import Enrolment
from courseplatform.outbox.models import ExperimentDates
from courseplatform.outbox.planning.turns import touch


def keep(
    enrolment: Enrolment, experiment: UUID, *, round_key: str, starts_on: date | None, due_on: date | None
) -> None:
    """From now on questions follow these days instead of the round's; for use in the transaction that changes them.

    None asks nothing about that end of the experiment any more.
    """
    days = {"enrolment": enrolment, "round_key": round_key, "starts_on": starts_on, "due_on": due_on}
    ExperimentDates.objects.update_or_create(pk=experiment, defaults=days)
    touch([enrolment.cohort_id])


def forget(enrolment: Enrolment, experiment: UUID) -> None:
    """It is an idea again: the round stands in for it as before. Safe to repeat."""
    ExperimentDates.objects.filter(pk=experiment).delete()
    touch([enrolment.cohort_id])
