"""How long a lesson takes, from its words and questions: what a reader is told beside the author's own number."""

import re
from math import ceil

from lessons.shape import Lesson, MessageClass, Programme

WORDS_A_MINUTE = 180  # somebody who reads to use it; plain reading is quicker
ANSWER = 5  # minutes at most for a question (MODEL P1)
WORD = re.compile(r"\w+(?:[-’']\w+)*")


def reading_minutes(text: str) -> int:
    """Whole minutes to read it, one at least."""
    return max(1, ceil(len(WORD.findall(text)) / WORDS_A_MINUTE))


def least_minutes(lesson: Lesson, programme: Programme, language: str) -> int:
    """Reading and answering, without the exercises: a lesson that promises less does not keep its promise."""
    asked = sum(programme.prompt(key).message_class is MessageClass.PROMPT for key in lesson.prompts)
    return reading_minutes(lesson.body.read(language)[0]) + ANSWER * asked


def promising_too_little(programme: Programme) -> list[tuple[Lesson, int]]:
    """Lessons whose author promises fewer minutes than they take, and how many that is in the slower language."""
    taken = [
        (one, max(least_minutes(one, programme, language) for language in ("da", "en"))) for one in programme.lessons
    ]
    return [(lesson, minutes) for lesson, minutes in taken if minutes > lesson.minutes]
