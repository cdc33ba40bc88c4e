"""A cohort begins, and with it everybody who has said yes: enrolling → running, accepted → active (MODEL §3)."""

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.transitions.guard import change, state_of
from courseplatform.people.refusals import Refusal

State = Cohort.State
OPENS_AT = time(6)  # local; MODEL §3


@transaction.atomic
def start(cohort: Cohort, *, now: datetime) -> None:
    """enrolling → running; everybody who said yes becomes active.

    Raises Refusal before starts_on 06:00 local time, and while fewer than `capacity_min` have said yes.
    """
    if cohort.state == State.ENROLLING and (obstacle := _obstacle_to_start(cohort, now)):
        raise Refusal(obstacle, state=state_of(cohort))
    sentence = _("Only a cohort that is enrolling can start.")
    change(cohort, State.RUNNING, allowed_from=[State.ENROLLING], sentence=sentence, now=now)
    activate_accepted(cohort, since=now if has_waited(cohort) else starts_at(cohort), now=now)


def starts_at(cohort: Cohort) -> datetime:
    """The instant from which the cohort may run: starts_on 06:00 in the municipality's zone."""
    return to_utc(datetime.combine(cohort.starts_on, OPENS_AT), cohort.municipality.timezone)


def _obstacle_to_start(cohort: Cohort, now: datetime) -> object | None:
    if now < starts_at(cohort):
        return _("The cohort starts by itself at 06:00 on its first day.")
    if accepted(cohort) < cohort.capacity_min:
        return _("Fewer than %(least)d have said yes.") % {"least": cohort.capacity_min}
    return None


def accepted(cohort: Cohort) -> int:
    """How many have said yes and wait for the start."""
    return cohort.enrolments.filter(state=Enrolment.State.ACCEPTED).count()


def has_waited(cohort: Cohort) -> bool:
    """Whether its day came while too few had said yes, so that it really begins later."""
    return cohort.start_alert_at is not None and cohort.start_alert_at >= starts_at(cohort)


def activate_accepted(cohort: Cohort, *, since: datetime, now: datetime) -> None:
    """accepted → active, as from `since`: whoever said yes in time joins nobody late, however late the tick is."""
    waiting = cohort.enrolments.filter(state=Enrolment.State.ACCEPTED)
    waiting.update(state=Enrolment.State.ACTIVE, activated_at=since, updated_at=now)


def start_if_due(cohort: Cohort, now: datetime) -> None:
    """Start a cohort whose day has come; where too few have said yes, note once that HR must be told.

    Safe to repeat: a later yes lets the next call start it.
    """
    if cohort.state != State.ENROLLING or now < starts_at(cohort):
        return
    if accepted(cohort) >= cohort.capacity_min:
        start(cohort, now=now)
    else:
        waiting = Cohort.objects.filter(pk=cohort.pk, state=State.ENROLLING, start_alert_at=None)
        waiting.update(start_alert_at=now)
