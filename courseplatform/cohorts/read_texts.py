"""Which text of a lesson somebody read, so that they are told when a new version has changed it (MODEL I1)."""

import hashlib
from collections import Counter

from courseplatform.cohorts.models import Cohort, LessonProgress
from lessons.shape import Lesson, Programme

TEXTS = {"title", "aims", "body", "short"}


def as_read(whole: Programme, lesson: Lesson) -> str:
    """Changes with anything one reads on the lesson's page, in either language; with nothing else."""
    exercises = [whole.exercise(key).model_dump_json() for key in lesson.exercises]
    return hashlib.sha256("\n".join([lesson.model_dump_json(include=TEXTS), *exercises]).encode()).hexdigest()


def read_before(cohort: Cohort, whole: Programme) -> list[tuple[Lesson, int]]:
    """The lessons that say something else in `whole`, and how many have read them as they were. One query."""
    done = LessonProgress.objects.filter(enrolment__cohort=cohort, state=LessonProgress.State.DONE)
    texts = {lesson.key: as_read(whole, lesson) for lesson in whole.lessons}
    rows = done.exclude(read_as="").values_list("lesson_key", "read_as")
    numbers = Counter(key for key, read_as in rows if texts.get(key, read_as) != read_as)
    return [(lesson, numbers[lesson.key]) for lesson in whole.lessons if numbers[lesson.key]]
