"""Cohort: draft → planned → enrolling → running → completed → archived, or cancelled with a reason."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Workshop
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.guard import change, reason_given, state_of
from courseplatform.cohorts.transitions.starting import accepted, start, start_if_due, starts_at
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from lessons.versions import programme

__all__ = [
    "accepted",
    "archive",
    "cancel",
    "complete",
    "open_enrolment",
    "plan",
    "start",
    "start_if_due",
    "starts_at",
    "take_over",
    "unresolved",
]

State = Cohort.State


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
