"""Sending a colleague: the seat is theirs until it is declined or taken back, and its history stays."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, Substitution, Workshop
from courseplatform.cohorts.transitions.answer import may_still_change
from courseplatform.cohorts.transitions.guard import change, state_of
from courseplatform.cohorts.transitions.waiting_list import fill, locked, next_sequence, possible
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal

State = Substitution.State
Response = Attendance.Response


@transaction.atomic
def send(workshop: Workshop, enrolment: Enrolment, colleague: User, *, by: User, now: datetime) -> Substitution:
    """The colleague has the seat from now on. Sending the same one twice changes nothing.

    Raises Refusal once it has started, for somebody who may not sit here, for a seat that is given already, and where
    there is no seat to give.
    """
    workshop = locked(workshop)
    may_still_change(workshop, now)
    _must_be_able_to_come(colleague, workshop)
    open_ones = Substitution.objects.filter(enrolment=enrolment, workshop=workshop, state__in=Substitution.OPEN)
    if (standing := open_ones.first()) and standing.substitute_id == colleague.pk:
        return standing
    row = Substitution(enrolment=enrolment, workshop=workshop, substitute=colleague, state=State.STANDS, created_by=by)
    row.held_from = now
    _write(row)
    _take_seat(workshop, enrolment, now)
    return row


@transaction.atomic
def ask(workshop: Workshop, enrolment: Enrolment, email: str, name: str, *, by: User, now: datetime) -> Substitution:
    """Somebody HR does not have here yet: the seat stays where it is until HR has confirmed the address.

    An address of somebody who is here is sent at once. The same address twice is asked about once. Raises Refusal as
    `send` does.
    """
    address = email.strip().casefold()
    known = User.objects.filter(email=address, municipality=workshop.cohort.municipality_id).first()
    if known:
        return send(workshop, enrolment, known, by=by, now=now)
    workshop = locked(workshop)
    may_still_change(workshop, now)
    if standing := enrolment.substitutions.filter(workshop=workshop, state=State.ASKED, email=address).first():
        return standing
    return _write(
        Substitution(enrolment=enrolment, workshop=workshop, email=address, name=name, state=State.ASKED, created_by=by)
    )


def _write(row: Substitution) -> Substitution:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as twice:
        sentence = _("A colleague has been named already, or has another seat. Take the seat back first.")
        raise Refusal(sentence, state=state_of(row)) from twice
    return row


@transaction.atomic
def confirm(row: Substitution, *, now: datetime) -> None:
    """asked → stands: HR knows the address, and who is new is made here. Raises Refusal as `send` does."""
    workshop = locked(row.workshop)
    may_still_change(workshop, now)
    person = _person_behind(row, workshop)
    _must_be_able_to_come(person, workshop)
    sentence = _("This seat does not wait for HR any more.")
    try:
        with transaction.atomic():
            asked = [State.ASKED]
            change(row, State.STANDS, allowed_from=asked, sentence=sentence, now=now, substitute=person, held_from=now)
    except IntegrityError as twice:
        raise Refusal(_("%(name)s has another seat already.") % {"name": person}, state=state_of(row)) from twice
    _take_seat(workshop, row.enrolment, now)


def _person_behind(row: Substitution, workshop: Workshop) -> User:
    known = User.objects.filter(email=row.email).first()
    municipality = workshop.cohort.municipality
    return known or User.objects.create_user(row.email, display_name=row.name or row.email, municipality=municipality)


def refuse(row: Substitution, *, now: datetime) -> None:
    """asked → refused: nobody HR wants to invite. The seat never changed hands."""
    sentence = _("This seat does not wait for HR any more.")
    change(row, State.REFUSED, allowed_from=[State.ASKED], sentence=sentence, now=now, ended_at=now)


@transaction.atomic
def decline(row: Substitution, *, now: datetime) -> None:
    """stands → declined, by the colleague: the participant is asked again, and the next in line may have the seat."""
    workshop = locked(row.workshop)
    may_still_change(workshop, now)
    sentence = _("You do not have this seat any more.")
    change(row, State.DECLINED, allowed_from=[State.STANDS], sentence=sentence, now=now, ended_at=now)
    asked_again = {"response": Response.NONE, "responded_at": None, "updated_at": now}
    Attendance.objects.filter(enrolment=row.enrolment_id, workshop=workshop).update(**asked_again)
    next_sequence(workshop, now=now)
    fill(workshop, now=now)


@transaction.atomic
def take_back(row: Substitution, *, now: datetime) -> None:
    """asked or stands → taken back, until it starts. The participant comes; a second press changes nothing."""
    workshop = locked(row.workshop)
    may_still_change(workshop, now)
    row.refresh_from_db()
    if row.state == State.TAKEN_BACK:
        return
    stood = row.state == State.STANDS
    sentence = _("Your colleague could not come either. The seat is yours.")
    change(row, State.TAKEN_BACK, allowed_from=Substitution.OPEN, sentence=sentence, now=now, ended_at=now)
    if stood:
        next_sequence(workshop, now=now)


def _must_be_able_to_come(colleague: User, workshop: Workshop) -> None:
    cohort = workshop.cohort
    if not colleague.is_active or colleague.municipality_id != cohort.municipality_id:
        raise Refusal(_("%(name)s does not work here.") % {"name": colleague}, state=state_of(workshop))
    is_on_it = cohort.enrolments.open().filter(person=colleague).exists()
    if is_on_it or cohort.facilitators.filter(pk=colleague.pk).exists():
        raise Refusal(_("%(name)s comes anyway.") % {"name": colleague}, state=state_of(workshop))


def _take_seat(workshop: Workshop, enrolment: Enrolment, now: datetime) -> None:
    """The seat is used, so it counts as a yes; there must be one."""
    if possible(workshop, enrolment, Response.ACCEPTED) != Response.ACCEPTED:
        raise Refusal(_("You are on the waiting list and have no seat to give yet."), state=state_of(workshop))
    yes = {"response": Response.ACCEPTED, "responded_at": now}
    Attendance.objects.update_or_create(enrolment=enrolment, workshop=workshop, defaults=yes)
    next_sequence(workshop, now=now)
