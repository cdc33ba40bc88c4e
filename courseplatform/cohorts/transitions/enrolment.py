"""Enrolment: invited → accepted → active ↔ paused → completed, and the ways out (MODEL §3, I2, I4)."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMembership
from courseplatform.cohorts.transitions.guard import change, reason_given, state_of
from courseplatform.cohorts.transitions.starting import start_if_due
from courseplatform.people.models import Municipality, User
from courseplatform.people.refusals import Refusal

State = Enrolment.State
LONGEST_PAUSE = timedelta(weeks=8)
INVITABLE = [Cohort.State.DRAFT, Cohort.State.PLANNED, Cohort.State.ENROLLING, Cohort.State.RUNNING]


def invite(cohort: Cohort, person: User, *, by: User | None, now: datetime) -> Enrolment:
    """A new enrolment, invited; nothing is sent before the cohort enrols.

    Raises Refusal for a facilitator of the cohort (I4), somebody who is already on it (I2), somebody from another
    municipality or no longer here, and for a cohort that is over.
    """
    if obstacle := _obstacle_to_invite(cohort, person):
        raise Refusal(obstacle, state=state_of(cohort))
    try:
        with transaction.atomic():
            return Enrolment.objects.create(cohort=cohort, person=person, created_by=by)
    except IntegrityError as twice:
        raise Refusal(_("%(name)s is already on the cohort.") % {"name": person}, state=state_of(cohort)) from twice


def _obstacle_to_invite(cohort: Cohort, person: User) -> object | None:
    if cohort.state not in INVITABLE:
        return _("The cohort is over. Nobody can be invited to it.")
    if not person.is_active or person.municipality_id != cohort.municipality_id:
        return _("%(name)s does not work here.") % {"name": person}
    if cohort.facilitators.filter(pk=person.pk).exists():
        return _("%(name)s is a facilitator of the cohort and cannot take part in it.") % {"name": person}
    return None


@transaction.atomic
def accept(enrolment: Enrolment, *, now: datetime) -> None:
    """invited → accepted, and active at once when the cohort runs. Raises Refusal when it is full or not open."""
    # The lock lets `start` see this yes, or this see that the cohort has started; never neither.
    cohort = Cohort.objects.select_for_update().get(pk=enrolment.cohort_id)
    start_if_due(cohort, now)  # a yes after the first morning is a late one, though no tick has come by since
    if cohort.state not in [Cohort.State.ENROLLING, Cohort.State.RUNNING]:
        raise Refusal(_("Enrolment is not open."), state=state_of(cohort))
    if is_full(cohort):
        raise Refusal(_("The cohort is full. Ask HR for a place."), state=state_of(enrolment))
    sentence = _("Only an open invitation can be answered.")
    change(enrolment, State.ACCEPTED, allowed_from=[State.INVITED], sentence=sentence, now=now)
    if cohort.state == Cohort.State.RUNNING:
        _activate(enrolment, now)


def is_full(cohort: Cohort) -> bool:
    """Whether as many as there is room for have said yes."""
    taken = cohort.enrolments.filter(state__in=[State.ACCEPTED, State.ACTIVE, State.PAUSED])
    return taken.count() >= cohort.capacity_max


def _activate(enrolment: Enrolment, now: datetime) -> None:
    sentence = _("Only somebody who has said yes can become active.")
    change(enrolment, State.ACTIVE, allowed_from=[State.ACCEPTED], sentence=sentence, now=now, activated_at=now)


def decline(enrolment: Enrolment, *, now: datetime) -> None:
    """invited → declined."""
    sentence = _("Only an open invitation can be answered.")
    change(enrolment, State.DECLINED, allowed_from=[State.INVITED], sentence=sentence, now=now, ended_at=now)


def pause(enrolment: Enrolment, *, until: date, now: datetime) -> None:
    """active → paused, that day included, for eight weeks at most; needs no reason (MODEL P8)."""
    today = _today(enrolment.cohort.municipality, now)
    if not today <= until < today + LONGEST_PAUSE:
        raise Refusal(_("A pause lasts eight weeks at most."), state=state_of(enrolment))
    sentence = _("Only somebody who is active can take a pause.")
    change(
        enrolment,
        State.PAUSED,
        allowed_from=[State.ACTIVE],
        sentence=sentence,
        now=now,
        paused_from=today,
        paused_to=until,
    )


def resume(enrolment: Enrolment, *, now: datetime) -> None:
    """paused → active: yesterday was the last day of the pause, which can still be seen afterwards."""
    sentence = _("There is no pause to end.")
    last_day = _today(enrolment.cohort.municipality, now) - timedelta(days=1)
    change(enrolment, State.ACTIVE, allowed_from=[State.PAUSED], sentence=sentence, now=now, paused_to=last_day)


def resume_due(cohort: Cohort, now: datetime) -> None:
    """End every pause on the cohort whose last day is over, by the local calendar. Safe to repeat.

    An enrolment that somebody is changing is left alone: they may be waiting for the turn that this is part of.
    """
    over = cohort.enrolments.filter(state=State.PAUSED, paused_to__lt=_today(cohort.municipality, now))
    free = over.select_for_update(no_key=True, skip_locked=connection.features.has_select_for_update_skip_locked)
    if resumed := list(free.values_list("pk", flat=True)):
        over.filter(pk__in=resumed).update(state=State.ACTIVE, updated_at=now)


def _today(municipality: Municipality, now: datetime) -> date:
    return to_local(now, municipality.timezone).date()


def complete(enrolment: Enrolment, *, now: datetime) -> None:
    """active or paused → completed; the person keeps their group and what was shared there."""
    sentence = _("Only somebody who is taking part can complete.")
    taking_part = [State.ACTIVE, State.PAUSED]
    change(enrolment, State.COMPLETED, allowed_from=taking_part, sentence=sentence, now=now, ended_at=now)


def withdraw(enrolment: Enrolment, *, reason: str, now: datetime) -> None:
    """accepted, active or paused → withdrawn."""
    sentence = _("Only somebody who is on the cohort can withdraw.")
    _end(enrolment, State.WITHDRAWN, [State.ACCEPTED, State.ACTIVE, State.PAUSED], reason, sentence, now)


def leave_organisation(enrolment: Enrolment, *, reason: str, now: datetime) -> None:
    """Anything that has not ended → left_organisation."""
    sentence = _("The enrolment has already ended.")
    not_ended = [State.INVITED, State.ACCEPTED, State.ACTIVE, State.PAUSED]
    _end(enrolment, State.LEFT_ORGANISATION, not_ended, reason, sentence, now)


@transaction.atomic
def transfer(enrolment: Enrolment, to: Cohort, *, reason: str, by: User | None, now: datetime) -> Enrolment:
    """active → transferred. Returns the enrolment on the other cohort, which counts as a yes there."""
    _end(enrolment, State.TRANSFERRED, [State.ACTIVE], reason, _("Only somebody active can change cohort."), now)
    new = invite(to, enrolment.person, by=by, now=now)
    accept(new, now=now)
    return new


@transaction.atomic
def _end(
    enrolment: Enrolment, to: str, allowed_from: list[State], reason: str, sentence: object, now: datetime
) -> None:
    given = reason_given(reason, enrolment)
    change(enrolment, to, allowed_from=allowed_from, sentence=sentence, now=now, ended_at=now, end_reason=given)
    # Members who leave lose sight of the group's reflections at once (MODEL I8).
    GroupMembership.objects.filter(enrolment=enrolment, left_at=None).update(left_at=now, updated_at=now)
