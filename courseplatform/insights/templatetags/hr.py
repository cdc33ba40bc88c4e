"""States and answers in the words HR and the person both read."""

from django import template
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance
from courseplatform.insights.status import Status, WorkshopStatus
from courseplatform.outbox.reading.reasons import sentence

register = template.Library()

LESSONS = {"not_started": _("not begun"), "in_progress": _("begun"), "done": _("read")}


@register.filter
def lesson_words(state: str) -> object:
    """“læst”."""
    return LESSONS[state]


@register.filter
def answer_to(person: Status, key: str) -> WorkshopStatus | None:
    """Somebody's answer to one workshop."""
    return person.workshop(key)


@register.filter
def attendance_words(workshop: WorkshopStatus) -> object:
    """Whether they came, once that is noted; until then what they have answered."""
    if workshop.outcome != Attendance.Outcome.UNKNOWN:
        return Attendance.Outcome(workshop.outcome).label
    return Attendance.Response(workshop.response).label


@register.filter
def reason_words(reason: str) -> str:
    """Why a message is not sent, in a sentence."""
    return sentence(reason)
