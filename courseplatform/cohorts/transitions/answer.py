"""Answering an event: yes, perhaps or no, as often as one likes until it starts."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, GroupMeeting, Substitution, Workshop
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.cohorts.transitions.waiting_list import fill, locked, possible
from courseplatform.people.refusals import Refusal

Response = Attendance.Response
ANSWERS = (Response.ACCEPTED, Response.TENTATIVE, Response.DECLINED)


def answer_workshop(workshop: Workshop, enrolment: Enrolment, response: str, *, now: datetime) -> Attendance:
    """Keep the answer; the last one stands. A yes beyond the seats waits, and a no lets the next one in.

    Raises Refusal once it has started, when it is off, for another word, and while a colleague has the seat.
    """
    with transaction.atomic():
        attendance = _attendance(workshop, enrolment, response, now)
        _keep(attendance, response, now, now)
    return attendance


def answer_by_mail(
    workshop: Workshop, enrolment: Enrolment, response: str, *, said_at: datetime, now: datetime
) -> bool:
    """Keep an answer that was on its way since `said_at`. False when a newer one stands. Raises Refusal as above."""
    with transaction.atomic():
        attendance = _attendance(workshop, enrolment, response, now)
        is_newer = attendance.responded_at is None or attendance.responded_at < said_at
        if is_newer:
            _keep(attendance, response, said_at, now)
    return is_newer


@transaction.atomic
def answer_meeting(
    meeting: GroupMeeting, enrolment: Enrolment, response: str, *, said_at: datetime, now: datetime
) -> bool:
    """The same for the learning group's meeting as it was read: no seats, and nobody comes in one's place.

    Raises Refusal once it has begun, when it is off or has been changed since, and for another word.
    """
    _may_answer(meeting, response, now)
    Attendance.objects.get_or_create(enrolment=enrolment, meeting=meeting)
    standing = Attendance.objects.filter(enrolment=enrolment, meeting=meeting)
    older = standing.filter(Q(responded_at=None) | Q(responded_at__lte=said_at))
    return older.update(response=response, responded_at=said_at, updated_at=now) == 1


def _may_answer(meeting: GroupMeeting, response: str, now: datetime) -> None:
    """Holds the row: a yes to the old time must not come after the move that asks everybody again."""
    stands = GroupMeeting.objects.select_for_update().get(pk=meeting.pk)
    if response not in ANSWERS:
        raise Refusal(_("Answer yes, perhaps or no."), state=state_of(stands))
    if stands.state != GroupMeeting.State.SCHEDULED or stands.starts_at is None or now >= stands.starts_at:
        raise Refusal(_("There is no meeting to come that this answers."), state=state_of(stands))
    if stands.ics_sequence != meeting.ics_sequence:
        raise Refusal(_("The meeting has changed since you opened the page. Look at it again."), state=state_of(stands))


def _attendance(workshop: Workshop, enrolment: Enrolment, response: str, now: datetime) -> Attendance:
    """The answer as it stands, with its workshop's row held. Raises Refusal."""
    workshop = locked(workshop)
    may_still_change(workshop, now)
    _check(workshop, enrolment, response)
    attendance, _made = Attendance.objects.get_or_create(enrolment=enrolment, workshop=workshop)
    attendance.workshop = workshop
    return attendance


def _keep(attendance: Attendance, response: str, said_at: datetime, now: datetime) -> None:
    workshop = attendance.workshop
    if workshop is None:
        raise ValueError("An answer without its workshop.")
    kept = possible(workshop, attendance.enrolment, response)
    if kept == attendance.response == Response.WAITING:  # a second press costs nobody their place in the line
        return
    attendance.response, attendance.responded_at = kept, said_at
    attendance.save(update_fields=["response", "responded_at", "updated_at"])
    fill(workshop, now=now)


def may_still_change(workshop: Workshop, now: datetime) -> None:
    """Raises Refusal where it is settled who comes."""
    if workshop.state != Workshop.State.SCHEDULED or workshop.starts_at is None:
        raise Refusal(_("This workshop is not planned, so there is nothing to answer."), state=state_of(workshop))
    if now >= workshop.starts_at:
        raise Refusal(_("The workshop has started. Tell the facilitator instead."), state=state_of(workshop))


def _check(workshop: Workshop, enrolment: Enrolment, response: str) -> None:
    if response not in ANSWERS:
        raise Refusal(_("Answer yes, perhaps or no."), state=state_of(workshop))
    if Substitution.objects.standing().filter(enrolment=enrolment, workshop=workshop).exists():
        raise Refusal(_("A colleague has your seat. Take it back first."), state=state_of(workshop))
