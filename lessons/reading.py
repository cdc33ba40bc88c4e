"""A lesson as it is read: its texts rendered in one language, with what it points to gathered."""

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from lessons.glossary import definitions_in
from lessons.markdown import TRY_LEADS, render
from lessons.minutes import least_minutes, reading_minutes
from lessons.shape import Exercise, Lesson, Lines, MessageClass, Programme, Prompt, Text, TrackKind

TRACK_MARKS = {TrackKind.COMPETENCE: "t1", TrackKind.ACTION: "t2", TrackKind.SUPPORT: "t3"}


@dataclass(frozen=True)
class Words:
    """A text and the language it is really in; `lang` is empty where that is the language asked for."""

    text: str
    lang: str


@dataclass(frozen=True)
class Step:
    """An exercise in one language."""

    key: str
    title: Words
    minutes: int
    steps: tuple[str, ...]
    lang: str


@dataclass(frozen=True)
class Question:
    """A prompt in one language."""

    prompt: Prompt
    words: Words


@dataclass(frozen=True)
class Reading:
    """What `lessons/lesson.html` shows."""

    title: Words
    track: Words
    mark: str
    place: int
    places: int
    minutes: int
    reading_minutes: int
    exercise_minutes: int
    aims: tuple[str, ...]
    aims_lang: str
    body: SafeString
    lang: str
    try_first: SafeString
    exercises: tuple[Step, ...]
    questions: tuple[Question, ...]
    short: SafeString
    short_lang: str


def reading_of(lesson: Lesson, programme: Programme, language: str) -> Reading:
    """The lesson in that language, Danish standing in where English is missing."""
    module = programme.module_of(lesson.key)
    track = programme.track_of(module.key)
    body, written_in = lesson.body.read(language)
    text, try_first = split_try(body)
    short, short_in = lesson.short.read(language) if lesson.short else ("", language)
    exercises = [_step(programme.exercise(key), language) for key in lesson.exercises]
    aims, aims_in = lesson.aims.read(language)
    return Reading(
        title=words(lesson.title, language),
        track=words(track.title, language),
        mark=TRACK_MARKS[track.kind],
        place=[other.key for other in module.lessons].index(lesson.key) + 1,
        places=len(module.lessons),
        minutes=max(lesson.minutes, least_minutes(lesson, programme, language)),
        reading_minutes=reading_minutes(body),
        exercise_minutes=sum(step.minutes for step in exercises),
        aims=aims,
        aims_lang=_other(aims_in, language),
        body=render(text, written_in, places=True),
        lang=_other(written_in, language),
        try_first=render(try_first, written_in),
        exercises=tuple(exercises),
        questions=_questions(lesson, programme, language),
        short=render(short, short_in),
        short_lang=_other(short_in, language),
    )


def words(text: Text, language: str) -> Words:
    """The text in that language, or in Danish and marked so."""
    written, written_in = text.read(language)
    return Words(written, _other(written_in, language))


def split_try(body: str) -> tuple[str, str]:
    """The body, and what its last paragraph says to try: that stands together with the exercises."""
    text, definitions = definitions_in(body)
    head, _gap, last = text.rstrip().rpartition("\n\n")
    for lead in TRY_LEADS:
        if last.startswith(f"**{lead}**"):
            tail = f"\n\n{definitions}" if definitions else ""
            return head + tail, last.removeprefix(f"**{lead}**").strip() + tail
    return body, ""


def split_at(html: SafeString, paragraph: int | None) -> tuple[SafeString, SafeString]:
    """A rendered body in what comes before that paragraph and the rest; all in the first where it has no such place."""
    before, found, after = html.partition(f' id="p{paragraph}"') if paragraph and paragraph > 1 else (html, "", "")
    if not found:
        return html, mark_safe("")
    head, _bracket, tag = before.rpartition("<")
    return mark_safe(head), mark_safe(f"<{tag}{found}{after}")  # noqa: S308 — the very text, in two


def _step(exercise: Exercise, language: str) -> Step:
    steps, written_in = _lines(exercise.steps, language)
    return Step(exercise.key, words(exercise.title, language), exercise.minutes, steps, written_in)


def _lines(lines: Lines, language: str) -> tuple[tuple[str, ...], str]:
    written, written_in = lines.read(language)
    return written, _other(written_in, language)


def _questions(lesson: Lesson, programme: Programme, language: str) -> tuple[Question, ...]:
    """The lesson's prompts; reminders and surveys are no questions to answer here."""
    prompts = [programme.prompt(key) for key in lesson.prompts]
    asked = [prompt for prompt in prompts if prompt.message_class is MessageClass.PROMPT]
    return tuple(Question(prompt, words(prompt.text, language)) for prompt in asked)


def _other(written_in: str, language: str) -> str:
    return "" if written_in == language else written_in
