"""A workshop with a limit: first come, first served, and never more than there are seats.

Every step that counts seats holds the workshop's row, so that two yeses come one after the other.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, Substitution, Workshop
from courseplatform.cohorts.models.enrolment import EnrolmentQuerySet
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.people.refusals import Refusal

Response = Attendance.Response


def locked(workshop: Workshop) -> Workshop:
    """The row as it is now, held until the transaction ends."""
    rows = Workshop.objects.select_for_update(of=("self",)).select_related("cohort__municipality")
    return rows.get(pk=workshop.pk)


def free_seats(workshop: Workshop, *, but_for: Enrolment | None = None) -> int | None:
    """How many more may say yes; None where there is no limit. `but_for` is not counted among those who have."""
    if workshop.seats is None:
        return None
    having = seated(workshop)
    return workshop.seats - (having.exclude(pk=but_for.pk) if but_for else having).count()


def seated(workshop: Workshop) -> EnrolmentQuerySet:
    """The enrolments with a seat: they have said yes, or a colleague comes for them."""
    said_yes = Q(attendances__workshop=workshop, attendances__response=Response.ACCEPTED)
    is_covered = Q(substitutions__workshop=workshop, substitutions__state=Substitution.State.STANDS)
    return Enrolment.objects.taking_part().filter(said_yes | is_covered, cohort=workshop.cohort_id).distinct()


def possible(workshop: Workshop, enrolment: Enrolment, response: str) -> str:
    """The answer as it can be kept: a yes waits where all seats are taken."""
    free = free_seats(workshop, but_for=enrolment) if response == Response.ACCEPTED else None
    return Response.WAITING if free is not None and free <= 0 else response


@transaction.atomic
def fill(workshop: Workshop, *, now: datetime) -> int:
    """Gives free seats to those who wait, in the order of their yes, and says how many. Safe to repeat.

    The new sequence of the calendar entry makes the outbox tell them (MODEL I13).
    """
    workshop = locked(workshop)
    if workshop.state != Workshop.State.SCHEDULED or not workshop.starts_at or now >= workshop.starts_at:
        return 0
    waiting = workshop.attendances.filter(response=Response.WAITING, enrolment__state__in=Enrolment.TAKING_PART)
    ids = list(waiting.order_by("responded_at", "pk").values_list("pk", flat=True)[: _room(workshop)])
    given = {"response": Response.ACCEPTED, "seat_given_at": now, "updated_at": now}
    if ids:
        Attendance.objects.filter(pk__in=ids).update(**given)
        next_sequence(workshop, now=now)
    return len(ids)


def _room(workshop: Workshop) -> int | None:
    free = free_seats(workshop)
    return None if free is None else max(free, 0)


def next_sequence(workshop: Workshop, *, now: datetime) -> None:
    """Somebody's entry changes its status, so the next one that is sent must outdo it (MODEL I13)."""
    Workshop.objects.filter(pk=workshop.pk).update(ics_sequence=F("ics_sequence") + 1, updated_at=now)


@transaction.atomic
def limit(workshop: Workshop, seats: int | None, *, now: datetime) -> None:
    """Say how many can come. New seats are given away at once; fewer take none from anybody. Refuses less than one."""
    if seats is not None and seats < 1:
        raise Refusal(_("There must be at least one seat."), state=state_of(workshop))
    open_ones = Workshop.objects.filter(pk=workshop.pk, state__in=[Workshop.State.DRAFT, Workshop.State.SCHEDULED])
    if not open_ones.update(seats=seats, updated_at=now):
        raise Refusal(_("The workshop is over or already cancelled."), state=state_of(workshop))
    fill(workshop, now=now)
    workshop.refresh_from_db()


def place_in_line(attendance: Attendance) -> int:
    """How many come before and with this one on the list: 1 is next."""
    before = Q(responded_at__lt=attendance.responded_at) | Q(responded_at=attendance.responded_at, pk__lt=attendance.pk)
    waiting = Attendance.objects.filter(workshop=attendance.workshop_id, response=Response.WAITING)
    return waiting.filter(before, enrolment__state__in=Enrolment.TAKING_PART).count() + 1
