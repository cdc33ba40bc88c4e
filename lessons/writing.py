"""The shape as the folder lays it out: canonical, so that the same value always gives the same bytes."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import yaml

from lessons.shape import (
    AgendaItem,
    Assessment,
    AvoidedPeriod,
    CalendarDefaults,
    Lesson,
    Lines,
    Module,
    Programme,
    Prompt,
    ReflectionModel,
    Scale,
    SponsorConversation,
    Survey,
    SurveyItem,
    Text,
    Track,
    Value,
)

Written = dict[Any, Any]


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """True, always: a value that occurs twice is written twice."""
        return True


def yaml_text(value: Any) -> str:
    """One value, one text: keys in the order given, a line never broken."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))


def write_part(value: Any) -> Any:
    """A value, or several, as the file writes it."""
    if isinstance(value, tuple):
        return [write_part(item) for item in value]
    if isinstance(value, Value):
        return WRITERS.get(type(value), plain)(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value if value is None or isinstance(value, bool | int | float | date) else str(value)


def plain(value: Value) -> Written:
    """Its fields under their own names, `key` as `id`; what is at its default is left out."""
    fields = type(value).model_fields
    return {
        "id" if name == "key" else name: write_part(getattr(value, name))
        for name, field in fields.items()
        if field.is_required() or getattr(value, name) != field.default
    }


def _spread(value: Value, name: str) -> Written:
    """As `plain`, with the text's languages beside the other keys."""
    written = plain(value)
    languages: Written = written.pop(name)
    return written | languages


def _prompt(prompt: Prompt) -> Written:
    written = {"id": prompt.key, "class": str(prompt.message_class)} | _spread(prompt, "text")
    del written["message_class"]
    return written


def _text(text: Text | Lines) -> Written:
    english = {} if text.en is None else {"en": write_part(text.en)}
    return {"da": write_part(text.da), **english}


def _scale(scale: Scale) -> Written:
    labels: Written = {"da": {label.score: label.text.da for label in scale.labels}}
    if english := {label.score: label.text.en for label in scale.labels if label.text.en is not None}:
        labels["en"] = english
    return plain(scale) | {"labels": labels}


def _assessment(assessment: Assessment) -> Written:
    return plain(assessment) | {"digcomp_areas": {area.number: area.name for area in assessment.digcomp_areas}}


def _survey(survey: Survey) -> Written:
    written = plain(survey)
    del written["id"]
    return written


def _avoided(period: AvoidedPeriod) -> Written:
    written: Written = {"id": period.key}
    if len(period.iso_weeks) == 1:
        written["iso_week"] = period.iso_weeks[0]
    elif period.iso_weeks:
        written["iso_weeks"] = list(period.iso_weeks)
    if period.local_alternative:
        written["local_alternative"] = period.local_alternative
    return written | _edges(period)


def _edges(period: AvoidedPeriod) -> Written:
    if period.relative_to_easter:
        days = {"from_day": int(period.from_day or 0), "to_day": int(period.to_day or 0)}
        return {"relative_to": "easter_sunday", **days}
    if period.from_day is None:
        return {}
    if period.from_day == period.to_day:
        return {"date": period.from_day}
    return {"from": period.from_day, "to": period.to_day}


def _calendar(calendar: CalendarDefaults) -> Written:
    return {
        "nominal_avoid": write_part(calendar.avoid),
        "on_collision": calendar.on_collision,
        "preferred_weekdays": {
            "workshop": write_part(calendar.workshop_weekdays),
            "group_meeting": write_part(calendar.group_meeting_weekdays),
        },
        "send_window": {str(w.day): [write_part(w.opens), write_part(w.closes)] for w in calendar.send_window},
        "default_send_time": write_part(calendar.default_send_time),
    }


def _track(track: Track) -> Written:
    return {name: value for name, value in plain(track).items() if name != "modules"}


def _module(module: Module) -> Written:
    return plain(module) | {"lessons": [lesson.key for lesson in module.lessons]}


WRITERS: dict[type[Value], Callable[[Any], Written]] = {
    Text: _text,
    Lines: _text,
    Prompt: _prompt,
    Scale: _scale,
    Assessment: _assessment,
    Survey: _survey,
    AvoidedPeriod: _avoided,
    CalendarDefaults: _calendar,
    Track: _track,
    Module: _module,
    SurveyItem: lambda item: _spread(item, "text"),
    AgendaItem: lambda item: _spread(item, "text"),
    SponsorConversation: lambda talk: _spread(talk, "questions"),
    ReflectionModel: lambda model: plain(model) | {"fields": [_spread(field, "label") for field in model.fields]},
}


def programme_text(programme: Programme) -> str:
    """All of `programme.yaml`: one top-level part after another, in the order of the shape."""
    written = plain(programme)
    modules = [
        write_part(module) | {"track": track.key, "order": order}
        for track in programme.tracks
        for order, module in enumerate(track.modules, 1)
    ]
    tracks = [write_part(track) | {"order": order} for order, track in enumerate(programme.tracks, 1)]
    written |= {"tracks": tracks, "surveys": {survey.key: write_part(survey) for survey in programme.surveys}}
    ordered = {"schema_version": programme.schema_version, "id": programme.key, "version": programme.number}
    for name, value in written.items():
        if name not in ("number", "id", "schema_version"):
            ordered[name] = value
        if name == "tracks":
            ordered["modules"] = modules
    return yaml_text(ordered)


def lesson_text(programme: Programme, lesson: Lesson, language: str) -> str | None:
    """A lesson's file in one language, or None where it has no English."""
    body = lesson.body.da if language == "da" else lesson.body.en
    if body is None:
        return None
    return f"---\n{yaml_text(_front_matter(programme, lesson, language))}---\n\n{body}\n"


def _front_matter(programme: Programme, lesson: Lesson, language: str) -> Written:
    module = programme.module_of(lesson.key)
    twin = lesson_file(lesson, "en" if language == "da" else "da") if lesson.body.en is not None else None
    title, aims = lesson.title.read(language)[0], lesson.aims.read(language)[0]
    short = getattr(lesson.short, language) if lesson.short else None
    written = {
        "id": lesson.key,
        "track": programme.track_of(module.key).key,
        "module": module.key,
        "order": module.lessons.index(lesson) + 1,
        "focus_area": lesson.focus_area,
        "title": title,
        "slug": lesson.slug,
        "language": language,
        "twin": twin,
        "minutes": lesson.minutes,
        "aims": list(aims),
        "short": short,
        "prompts": list(lesson.prompts),
        "exercises": list(lesson.exercises),
    }
    return {name: value for name, value in written.items() if value is not None}


def lesson_file(lesson: Lesson, language: str) -> str:
    """The name of a lesson's file, inside `lessons/`."""
    return f"{lesson.key}-{lesson.slug}.{language}.md"
