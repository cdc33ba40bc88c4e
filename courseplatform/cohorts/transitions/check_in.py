"""Turning up, and noting afterwards who did: whole, part, excused or absent. Corrections need a reason."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from courseplatform.cohorts.models import Attendance, AttendanceNote, CheckIn, Enrolment, Substitution, Workshop
from courseplatform.cohorts.transitions.guard import reason_given, state_of
from courseplatform.people.local_dates import clock as time_of_day
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record
from courseplatform.people.refusals import Refusal

Outcome = Attendance.Outcome
OPENS_BEFORE = timedelta(minutes=60)
NOTED = _("Noted whether you were at the workshop.")
CORRECTED = _("Corrected whether you were at the workshop.")


@transaction.atomic
def check_in(workshop: Workshop, person: User, *, scanned_at: datetime, now: datetime) -> CheckIn:
    """Once for each seat: a second scan changes nothing and gives the first one back.

    What counts is when the code was read. Raises Refusal outside the hours, for a workshop that is off, and for
    somebody without a seat. What a facilitator has noted stands.
    """
    _must_be_on(workshop, scanned_at)
    seat = seat_of(workshop, person)
    early = workshop.starts_at is not None and scanned_at < workshop.starts_at
    arrival = {"person": person, "scanned_at": scanned_at, "is_early": early, "created_by": person}
    row, is_first = CheckIn.objects.get_or_create(enrolment=seat, workshop=workshop, defaults=arrival)
    if is_first:
        attendance, _made = Attendance.objects.get_or_create(enrolment=seat, workshop=workshop)
        _set(attendance, Outcome.UNKNOWN, Outcome.ATTENDED, reason="", by=person, now=now)
    return row


def seat_of(workshop: Workshop, person: User) -> Enrolment:
    """The enrolment whose seat the person has: their own, or a participant's who sent them. Raises Refusal for none."""
    covered = Substitution.objects.standing().filter(workshop=workshop)
    own = Enrolment.objects.of(person).taking_part().filter(cohort=workshop.cohort_id)
    if seat := own.exclude(pk__in=covered.values("enrolment")).first():
        return seat
    if lent := Substitution.objects.held_by(person).filter(workshop=workshop).select_related("enrolment").first():
        return lent.enrolment
    if own.exists():
        sentence = _("A colleague has your seat. If you are here yourself, tell the facilitator.")
        raise Refusal(sentence, state=state_of(workshop))
    raise Refusal(_("You have no seat at this workshop. Tell the facilitator."), state=state_of(workshop))


def _must_be_on(workshop: Workshop, at: datetime) -> None:
    if workshop.state not in (Workshop.State.SCHEDULED, Workshop.State.HELD) or not workshop.starts_at:
        raise Refusal(_("This workshop is not held, so nobody can check in."), state=state_of(workshop))
    opens = workshop.starts_at - OPENS_BEFORE
    if at < opens:
        sentence = _("You can check in from %(time)s.") % {"time": time_of_day(opens)}
        raise Refusal(sentence, state=state_of(workshop))
    if workshop.ends_at and at > workshop.ends_at:
        raise Refusal(_("The workshop is over. Tell the facilitator that you were there."), state=state_of(workshop))


@transaction.atomic
def note(
    workshop: Workshop, enrolment: Enrolment, outcome: str, *, before: str, reason: str, by: User, now: datetime
) -> bool:
    """Notes who was there; False when it says so already. What is noted is changed with a reason alone.

    `before` is what the page showed: a note made since then is a Refusal. Raises Refusal also before the doors open.
    """
    _may_be_noted(workshop, outcome, now)
    attendance, _made = Attendance.objects.get_or_create(enrolment=enrolment, workshop=workshop)
    if attendance.outcome == outcome:
        return False
    given = reason_given(reason, workshop) if before != Outcome.UNKNOWN else ""
    if not _set(attendance, before, outcome, reason=given, by=by, now=now):
        raise Refusal(_("Somebody has noted it meanwhile. Look at it again."), state=attendance.get_outcome_display())
    _write_down(attendance, enrolment.person, by, now, is_correction=bool(given))
    return True


def _may_be_noted(workshop: Workshop, outcome: str, now: datetime) -> None:
    if outcome not in set(Outcome.values) - {Outcome.UNKNOWN}:
        raise Refusal(_("Choose whole, part, excused or absent."), state=state_of(workshop))
    if workshop.state not in (Workshop.State.SCHEDULED, Workshop.State.HELD) or not workshop.starts_at:
        raise Refusal(_("This workshop is not held, so there is nothing to note."), state=state_of(workshop))
    if now < workshop.starts_at - OPENS_BEFORE:
        raise Refusal(_("The workshop has not begun yet."), state=state_of(workshop))


def _set(attendance: Attendance, before: str, outcome: str, *, reason: str, by: User, now: datetime) -> bool:
    """Compare-and-set, with its line in the history; False when something else is noted."""
    standing = Attendance.objects.filter(pk=attendance.pk, outcome=before)
    written = standing.update(outcome=outcome, updated_at=now)
    attendance.refresh_from_db()
    if written:
        AttendanceNote.objects.create(
            attendance=attendance, before=before, outcome=outcome, reason=reason, noted_at=now, created_by=by
        )
    return bool(written)


def _write_down(attendance: Attendance, about: User, by: User, now: datetime, *, is_correction: bool) -> None:
    """On the trail that the person can read, in their language."""
    with override(about.language):
        purpose = str(CORRECTED if is_correction else NOTED)
    record(by, "noted_attendance", attendance, about=about, purpose=purpose, now=now)
