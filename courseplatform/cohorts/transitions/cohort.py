"""Cohort: draft → planned → enrolling → running → completed → archived, or cancelled with a reason."""

from datetime import datetime, time

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.local_time import to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Workshop
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.guard import change, reason_given, state_of
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from lessons.versions import programme

State = Cohort.State
OPENS_AT = time(6)  # local; MODEL §3


@transaction.atomic
def plan(cohort: Cohort, *, now: datetime) -> None:
    """draft → planned, and every workshop with it. Raises Refusal naming the workshops without date or place."""
    if cohort.state == State.DRAFT and (missing := unresolved(cohort)):
        needed = _("These workshops need a date and a place: %(keys)s.") % {"keys": ", ".join(missing)}
        raise Refusal(needed, state=state_of(cohort))
    sentence = _("Only a cohort in draft can be planned.")
    change(cohort, State.PLANNED, allowed_from=[State.DRAFT], sentence=sentence, now=now)
    for workshop in cohort.workshops.filter(state=Workshop.State.DRAFT):
        workshops.schedule_as_drafted(workshop, now=now)


def unresolved(cohort: Cohort) -> list[str]:
    """Keys of the version's workshops that still lack a date, or a place or link; in the programme's order."""
    nowhere = Q(place="", link="")
    drafted = cohort.workshops.exclude(Q(starts_at=None) | Q(ends_at=None) | nowhere)
    resolved = set(drafted.values_list("key", flat=True))
    asked_for = programme(cohort.programme_version.digest).workshops
    return [workshop.key for workshop in asked_for if workshop.key not in resolved]


def open_enrolment(cohort: Cohort, *, now: datetime) -> None:
    """planned → enrolling: from here the invited may say yes."""
    sentence = _("Enrolment opens when the dates are planned, and only once.")
    change(cohort, State.ENROLLING, allowed_from=[State.PLANNED], sentence=sentence, now=now)


@transaction.atomic
def start(cohort: Cohort, *, now: datetime) -> None:
    """enrolling → running; everybody who said yes becomes active.

    Raises Refusal before starts_on 06:00 local time, and while fewer than `capacity_min` have said yes.
    """
    if cohort.state == State.ENROLLING and (obstacle := _obstacle_to_start(cohort, now)):
        raise Refusal(obstacle, state=state_of(cohort))
    sentence = _("Only a cohort that is enrolling can start.")
    change(cohort, State.RUNNING, allowed_from=[State.ENROLLING], sentence=sentence, now=now)
    enrolments.activate_accepted(cohort, now=now)


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


def take_over(cohort: Cohort, *, by: User, now: datetime) -> None:
    """Replies to the cohort's mail go to `by` from now on. Raises Refusal when somebody else has just taken it over."""
    as_seen = Cohort.objects.alive().filter(pk=cohort.pk, owner_hr=cohort.owner_hr_id)
    taken = as_seen.update(owner_hr=by, updated_at=now)
    cohort.refresh_from_db()
    if not taken:
        raise Refusal(_("The cohort is over, or somebody else has just taken it over."), state=state_of(cohort))


@transaction.atomic
def complete(cohort: Cohort, *, now: datetime) -> None:
    """running → completed; those still taking part complete with it."""
    sentence = _("Only a cohort that is running can be completed.")
    change(cohort, State.COMPLETED, allowed_from=[State.RUNNING], sentence=sentence, now=now, completed_at=now)
    for enrolment in cohort.enrolments.filter(state__in=[Enrolment.State.ACTIVE, Enrolment.State.PAUSED]):
        enrolments.complete(enrolment, now=now)


def archive(cohort: Cohort, *, now: datetime) -> None:
    """completed → archived."""
    sentence = _("Only a completed cohort can be archived.")
    change(cohort, State.ARCHIVED, allowed_from=[State.COMPLETED], sentence=sentence, now=now)


@transaction.atomic
def cancel(cohort: Cohort, *, reason: str, now: datetime) -> None:
    """Before or during the programme; coming workshops and meetings are cancelled for the same reason."""
    given = reason_given(reason, cohort)
    before_the_end = [State.DRAFT, State.PLANNED, State.ENROLLING, State.RUNNING]
    sentence = _("The cohort is over and cannot be cancelled.")
    change(cohort, State.CANCELLED, allowed_from=before_the_end, sentence=sentence, now=now, state_reason=given)
    for workshop in cohort.workshops.filter(state=Workshop.State.SCHEDULED, starts_at__gt=now):
        workshops.cancel(workshop, reason=given, now=now)
    to_come = Q(state=GroupMeeting.State.PROPOSED) | Q(state=GroupMeeting.State.SCHEDULED, starts_at__gt=now)
    for meeting in GroupMeeting.objects.filter(to_come, group__cohort=cohort):
        meetings.cancel(meeting, reason=given, now=now)
