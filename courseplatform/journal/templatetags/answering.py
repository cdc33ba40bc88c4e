"""A lesson's questions, answered where they stand. No page but the writing page ever holds a word of an answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import template

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections.desk import Desk
from courseplatform.journal.reflections.readers import readers_of, sentences
from courseplatform.people.models import User
from lessons.reading import Question
from lessons.shape import Lesson, MessageClass, Programme

register = template.Library()


@dataclass(frozen=True)
class Given:
    """That an answer is there, and not what it says. `saved_at` is None for one that is only begun."""

    pk: UUID
    saved_at: datetime | None


@dataclass(frozen=True)
class Answers:
    """By question; `here` is the question that the page has a field for, the first without an answer."""

    enrolment: Enrolment
    programme: Programme
    given: dict[str, Given]
    here: str


@register.simple_tag
def answers_to(lesson: Lesson, programme: Programme, enrolment: Enrolment, reader: User) -> Answers:
    """How the reader stands with the lesson's questions. One query."""
    own = Reflection.objects.by(reader).filter(enrolment=enrolment, prompt_key__in=lesson.prompts)
    rows = own.order_by("created_at").values_list("prompt_key", "pk", "saved_at")
    given = {key: Given(pk, saved_at) for key, pk, saved_at in rows}
    open_here = (key for key in lesson.prompts if key not in given and _has_one_field(key, programme))
    return Answers(enrolment, programme, given, next(open_here, ""))


def _has_one_field(key: str, programme: Programme) -> bool:
    prompt = programme.prompt(key)
    model = programme.reflection_model(prompt.reflection_model)
    return prompt.message_class is MessageClass.PROMPT and len(model.fields) == 1


@register.inclusion_tag("journal/_answer_here.html", takes_context=True)
def answer_here(context: dict[str, Any], question: Question, answers: Answers) -> dict[str, Any]:
    """The field itself, the way to the answer that is there, or the way to the page with all its fields."""
    key = question.prompt.key
    shown = {"question": question, "cohort": answers.enrolment.cohort, "answer": answers.given.get(key)}
    if key != answers.here:
        return shown
    desk = Desk(answers.enrolment, answers.programme, question.prompt)
    around = {"readers": readers_of(None), "sentences": sentences(), "csrf_token": context.get("csrf_token")}
    return shown | around | {"desk": desk, "form": desk.blank()}
