"""The lessons of the programmes somebody follows, as plain text in their language, folded once a process.

What is not open yet is found by its title alone, as Forløb shows it.
"""

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import get_language

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.journal.searching.matching import folded
from courseplatform.people.models import User
from lessons.reading import reading_of
from lessons.shape import Lesson, Programme
from lessons.versions import programme


@dataclass(frozen=True)
class LessonText:
    """A lesson to look in. `opens_on` is set while it is locked; `language` is empty where it is the reader's."""

    key: str
    place: str
    title: str
    text: str
    language: str
    open_week: int
    folded: tuple[str, str]
    address: str = ""
    cohort: str = ""
    opens_on: date | None = None


def lesson_texts(person: User, now: datetime) -> list[LessonText]:
    """Of every cohort the person takes part in, in the programme's order. One query, once the versions are read."""
    enrolments = Enrolment.objects.followed_by(person).defer("cohort__programme_version__snapshot")
    return [found for enrolment in enrolments for found in _of_cohort(enrolment.cohort, now)]


def _of_cohort(cohort: Cohort, now: datetime) -> Iterator[LessonText]:
    today = to_local(now, cohort.municipality.timezone).date()
    for lesson in _texts(cohort.programme_version.digest, get_language() or "da"):
        opens_on = cohort.starts_on + timedelta(weeks=lesson.open_week)
        address = reverse("lesson", args=[cohort.pk, lesson.key])
        found = replace(lesson, address=address, cohort=cohort.name)
        is_open = opens_on <= today
        yield found if is_open else replace(found, text="", folded=(found.folded[0], ""), opens_on=opens_on)


@lru_cache(maxsize=8)
def _texts(digest: str, language: str) -> tuple[LessonText, ...]:
    whole = programme(digest)
    return tuple(
        _text(lesson, module.open_week, whole, language) for module in whole.modules for lesson in module.lessons
    )


def _text(lesson: Lesson, open_week: int, whole: Programme, language: str) -> LessonText:
    read = reading_of(lesson, whole, language)
    steps = [line for exercise in read.exercises for line in (exercise.title.text, *exercise.steps)]
    parts = [*read.aims, _plain(read.body), _plain(read.try_first), *steps]
    text = " ".join(" ".join(parts).split())
    title = read.title.text
    return LessonText(
        lesson.key, read.track.text, title, text, read.lang, open_week, folded=(folded(title), folded(text))
    )


def _plain(rendered: str) -> str:
    return html.unescape(strip_tags(rendered))
