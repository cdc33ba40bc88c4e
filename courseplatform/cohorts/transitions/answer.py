"""Answering an event: yes, perhaps or no, as often as one likes until it starts."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, Workshop
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.people.refusals import Refusal

ANSWERS = (Attendance.Response.ACCEPTED, Attendance.Response.TENTATIVE, Attendance.Response.DECLINED)


def answer_workshop(workshop: Workshop, enrolment: Enrolment, response: str, *, now: datetime) -> Attendance:
    """Keep the answer; the last one stands. Raises Refusal once it has started, when it is off, or for another word."""
    _check(workshop, response, now)
    answer = {"response": response, "responded_at": now}
    attendance, _made = Attendance.objects.update_or_create(enrolment=enrolment, workshop=workshop, defaults=answer)
    return attendance


def answer_by_mail(
    workshop: Workshop, enrolment: Enrolment, response: str, *, said_at: datetime, now: datetime
) -> bool:
    """Keep an answer that was on its way since `said_at`. False when a newer one stands. Raises Refusal as above."""
    _check(workshop, response, now)
    answer = {"response": response, "responded_at": said_at}
    attendance, is_first = Attendance.objects.get_or_create(enrolment=enrolment, workshop=workshop, defaults=answer)
    is_newer = Q(responded_at=None) | Q(responded_at__lt=said_at)
    kept = Attendance.objects.filter(is_newer, pk=attendance.pk)
    return is_first or kept.update(**answer, updated_at=now) == 1


def _check(workshop: Workshop, response: str, now: datetime) -> None:
    if workshop.state != Workshop.State.SCHEDULED or workshop.starts_at is None:
        raise Refusal(_("This workshop is not planned, so there is nothing to answer."), state=state_of(workshop))
    if now >= workshop.starts_at:
        raise Refusal(_("The workshop has started. Tell the facilitator instead."), state=state_of(workshop))
    if response not in ANSWERS:
        raise Refusal(_("Answer yes, perhaps or no."), state=state_of(workshop))
