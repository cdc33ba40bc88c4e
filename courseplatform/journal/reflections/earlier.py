"""What the writer wrote before about the same question, experiment or lesson. Their own saved entries alone."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries
from courseplatform.journal.reflections.desk import Desk
from courseplatform.journal.reflections.entries import Answer
from courseplatform.people.local_dates import day
from lessons.shape import Programme, Prompt

SHOWN = 3
FROM_WEEKS = 2  # from then on one thinks in weeks


@dataclass(frozen=True)
class Earlier:
    """An entry as it is read again below the one that is written; `repr` shows no text."""

    reflection: Reflection
    heading: str
    question: str
    question_language: str
    answers: list[Answer]

    @property
    def beginning(self) -> str:
        return " ".join(answer.text for answer in self.answers)


def earlier(desk: Desk, today: date) -> list[Earlier]:
    """At most three about the same, newest first; else the last one there is. One query."""
    own = Reflection.objects.by(desk.enrolment.person).filter(enrolment=desk.enrolment, state=Reflection.State.SAVED)
    if desk.reflection:
        own = own.exclude(pk=desk.reflection.pk)
    found = list(_nearest_first(own, desk)[:SHOWN])
    akin = [one for one in found if one.is_akin] or found[:1]  # type: ignore[attr-defined]
    return [opened for one in akin if (opened := _opened(one, today))]


def _nearest_first(own: QuerySet[Reflection], desk: Desk) -> QuerySet[Reflection]:
    akin = Q(prompt_key__in=_family(desk.whole, desk.prompt)) if desk.prompt else Q(pk=None)
    if desk.experiment:
        akin |= Q(experiment=desk.experiment)
    is_akin = Case(When(akin, then=Value(1)), default=Value(0), output_field=IntegerField())
    related = ("enrolment__cohort__programme_version", "author__key", "message")
    return own.annotate(is_akin=is_akin).select_related(*related).order_by("-is_akin", "-occurred_on", "-created_at")


def _family(whole: Programme, prompt: Prompt) -> set[str]:
    """The question, those of the same lesson, and those that hang on the same event."""
    lessons = [lesson for module in whole.modules for lesson in module.lessons if prompt.key in lesson.prompts]
    near = {key for lesson in lessons for key in lesson.prompts}
    return near | {one.key for one in whole.prompts if one.anchor == prompt.anchor} | {prompt.key}


def _opened(reflection: Reflection, today: date) -> Earlier | None:
    """None where nobody can read it any more."""
    written = entries.as_written(reflection)
    if not written:
        return None
    return Earlier(reflection, _heading(reflection.occurred_on, today), *entries.question_of(reflection), written)


def _heading(on: date, today: date) -> str:
    weeks = (today - on).days // 7
    if weeks < FROM_WEEKS:
        return _("You wrote %(day)s") % {"day": day(on)}
    return _("You wrote this %(weeks)d weeks ago") % {"weeks": weeks}
