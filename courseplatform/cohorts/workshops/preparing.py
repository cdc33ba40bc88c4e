"""What to do before a workshop, as the cohort's version has it."""

from dataclasses import dataclass

from courseplatform.cohorts.models import Enrolment, LessonProgress
from lessons.shape import Lesson, MessageClass, Programme, Prompt, Text


@dataclass(frozen=True)
class Reading:
    """A lesson that is open in the workshop's week, and whether the participant says it is read."""

    lesson: Lesson
    is_read: bool


def tasks(whole: Programme, key: str) -> list[Text]:
    """What its reminders and questions before the day ask people to do."""
    before = (one for one in whole.prompts if one.anchor == f"workshop:{key}" and _comes_before(one))
    return [one.text for one in before if one.message_class in (MessageClass.REMINDER, MessageClass.PROMPT)]


def _comes_before(prompt: Prompt) -> bool:
    return (prompt.offset.days or 0) + (prompt.offset.workdays or 0) < 0


def readings(whole: Programme, key: str, enrolment: Enrolment) -> list[Reading]:
    """The lessons of modules that opened after the workshop before this one, in the order they opened. One query."""
    week = whole.workshop(key).week
    earlier = max((one.week for one in whole.workshops if one.week < week), default=-1)
    opened = [module for module in whole.modules if earlier < module.open_week <= week]
    lessons = [lesson for module in sorted(opened, key=lambda one: one.open_week) for lesson in module.lessons]
    keys = [lesson.key for lesson in lessons]
    done = LessonProgress.objects.filter(enrolment=enrolment, lesson_key__in=keys, state=LessonProgress.State.DONE)
    read = set(done.values_list("lesson_key", flat=True))
    return [Reading(lesson, lesson.key in read) for lesson in lessons]
