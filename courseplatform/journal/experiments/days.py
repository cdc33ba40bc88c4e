"""An experiment's days, and what they mean for what its owner is asked (MODEL §13)."""

from datetime import date, datetime

from courseplatform.cohorts.calendar.dates import dates_of
from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.journal.experiments.rounds import round_on
from courseplatform.journal.models import Experiment, Project
from courseplatform.outbox.planning import experiment_dates

# With the one who writes, their key, and where and in which programme they are: what every step needs.
WITH_AUTHOR = ("enrolment__person__key", "enrolment__cohort__programme_version", "enrolment__cohort__municipality")


def as_planned(experiment: Experiment) -> tuple[date, date]:
    """First and last day. Raises ValueError for an idea without them."""
    if experiment.starts_on is None or experiment.due_on is None:
        raise ValueError("An idea may have no days yet.")
    return experiment.starts_on, experiment.due_on


def day_of(thing: Project | Experiment, moment: datetime) -> date:
    """The calendar day there, where the person works."""
    return to_local(moment, thing.enrolment.cohort.municipality.timezone).date()


def round_of(experiment: Experiment) -> str:
    """The key of the round it begins in; "" outside all of them."""
    found = round_on(dates_of(experiment.enrolment.cohort), as_planned(experiment)[0])
    return found.key if found else ""


def tell_outbox(experiment: Experiment) -> None:
    """For use in the transaction of each step: questions follow the experiment's days as they are now."""
    if experiment.state == Experiment.State.IDEA:
        experiment_dates.forget(experiment.enrolment, experiment.pk)
        return
    starts_on, due_on = _asked_about(experiment)
    experiment_dates.keep(
        experiment.enrolment, experiment.pk, round_key=experiment.round_key, starts_on=starts_on, due_on=due_on
    )


def _asked_about(experiment: Experiment) -> tuple[date | None, date | None]:
    """Nothing about a beginning that will not be; about the end on the day it ended, until it is thought through."""
    if experiment.ended_at is None:
        return experiment.starts_on, experiment.due_on
    if experiment.started_at is None:
        return None, None
    is_open = experiment.state != Experiment.State.REFLECTED
    return experiment.starts_on, day_of(experiment, experiment.ended_at) if is_open else None
