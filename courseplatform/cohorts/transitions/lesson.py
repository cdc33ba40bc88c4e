"""LessonProgress: not started → in progress → done, and back again, by the reader's own word (MODEL I19)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, LessonProgress
from courseplatform.cohorts.transitions.guard import change

State = LessonProgress.State


def begin(enrolment: Enrolment, lesson_key: str) -> LessonProgress:
    """not started → in progress. Beginning again changes nothing."""
    progress, _made = LessonProgress.objects.get_or_create(
        enrolment=enrolment, lesson_key=lesson_key, defaults={"created_by": enrolment.person}
    )
    return progress


def finish(enrolment: Enrolment, lesson_key: str, *, now: datetime, read_as: str = "") -> LessonProgress:
    """→ done, through “in progress” where nothing was begun. Raises Refusal when it is done already."""
    progress = begin(enrolment, lesson_key)
    sentence = _("You have already read this lesson.")
    done: dict[str, Any] = {"completed_at": now, "read_as": read_as, "paragraph": None, "left_at": None}
    change(progress, State.DONE, allowed_from=[State.IN_PROGRESS], sentence=sentence, now=now, **done)
    return progress


def read_anew(progress: LessonProgress, read_as: str, *, now: datetime) -> None:
    """done → done, of the text as it is by now. Safe to repeat."""
    sentence = _("Only a lesson you have read can be read anew.")
    change(
        progress, State.DONE, allowed_from=[State.DONE], sentence=sentence, now=now, completed_at=now, read_as=read_as
    )


def leave(enrolment: Enrolment, lesson_key: str, paragraph: int, *, now: datetime) -> None:
    """Where the reader stopped. A lesson they have read keeps no place; beginning is part of it."""
    begin(enrolment, lesson_key)
    begun = LessonProgress.objects.filter(enrolment=enrolment, lesson_key=lesson_key, state=State.IN_PROGRESS)
    begun.update(paragraph=paragraph, left_at=now)


def reopen(progress: LessonProgress, *, now: datetime) -> None:
    """done → in progress."""
    sentence = _("Only a lesson you have read can be opened again.")
    change(progress, State.IN_PROGRESS, allowed_from=[State.DONE], sentence=sentence, now=now, completed_at=None)
