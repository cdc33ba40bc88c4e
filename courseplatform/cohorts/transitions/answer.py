"""Answering an event: yes, perhaps or no, as often as one likes until it starts."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, Workshop
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.people.refusals import Refusal

ANSWERS = (Attendance.Response.ACCEPTED, Attendance.Response.TENTATIVE, Attendance.Response.DECLINED)


def answer_workshop(workshop: Workshop, enrolment: Enrolment, response: str, *, now: datetime) -> Attendance:
    """Keep the answer; the last one stands. Raises Refusal once it has started, when it is off, or for another word."""
    if workshop.state != Workshop.State.SCHEDULED or workshop.starts_at is None:
        raise Refusal(_("This workshop is not planned, so there is nothing to answer."), state=state_of(workshop))
    if now >= workshop.starts_at:
        raise Refusal(_("The workshop has started. Tell the facilitator instead."), state=state_of(workshop))
    if response not in ANSWERS:
        raise Refusal(_("Answer yes, perhaps or no."), state=state_of(workshop))
    answer = {"response": response, "responded_at": now}
    attendance, _made = Attendance.objects.update_or_create(enrolment=enrolment, workshop=workshop, defaults=answer)
    return attendance
