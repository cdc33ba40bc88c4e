"""Which text of a lesson somebody read, so that they are told when a new version has changed it (MODEL I1)."""

import hashlib

from lessons.shape import Lesson, Programme

TEXTS = {"title", "aims", "body", "short"}


def as_read(whole: Programme, lesson: Lesson) -> str:
    """Changes with anything one reads on the lesson's page, in either language; with nothing else."""
    exercises = [whole.exercise(key).model_dump_json() for key in lesson.exercises]
    return hashlib.sha256("\n".join([lesson.model_dump_json(include=TEXTS), *exercises]).encode()).hexdigest()
