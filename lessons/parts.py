"""A programme as what each page holds: the part a page was loaded with, and how two parts are compared."""

import hashlib
import json
from typing import Any, NamedTuple

from lessons import shape
from lessons.models import (
    ArtefactTemplate,
    Authored,
    GroupMeeting,
    LessonExercise,
    LessonPage,
    LessonPrompt,
    ModulePage,
    ProgrammeExercise,
    ProgrammePage,
    ProgrammePrompt,
    SurveyTemplate,
    TrackPage,
    Workshop,
)
from lessons.words import Data, columns


class Part(NamedTuple):
    """What one page should hold. `children` by relation: the model and the values, in order."""

    kind: type[Authored]
    key: str
    value: shape.Value
    columns: Data
    children: dict[str, tuple[type[Any], list[Any]]]
    below: tuple["Part", ...]


def programme_part(programme: shape.Programme) -> Part:
    """The whole programme as a tree of parts."""
    in_lessons = {key for lesson in programme.lessons for key in (*lesson.prompts, *lesson.exercises)}
    dumped = programme.model_dump(mode="json")
    own = {name: getattr(programme, name) for name in ProgrammePage.PLAIN} | {"example_start": programme.example_start}
    own |= {name: dumped[name] for name in ProgrammePage.PARTS}
    own |= _title(programme) | columns("subtitle", programme.subtitle) | columns("summary", programme.summary)
    children: dict[str, tuple[type[Any], list[Any]]] = {
        "workshops": (Workshop, list(programme.workshops)),
        "group_meetings": (GroupMeeting, list(programme.group_meetings)),
        "prompts": (ProgrammePrompt, [prompt for prompt in programme.prompts if prompt.key not in in_lessons]),
        "exercises": (ProgrammeExercise, [item for item in programme.exercises if item.key not in in_lessons]),
        "artefacts": (ArtefactTemplate, list(programme.artefacts)),
        "surveys": (SurveyTemplate, list(programme.surveys)),
    }
    below = tuple(_track_part(programme, track) for track in programme.tracks)
    return Part(ProgrammePage, programme.key, programme, own | {"slug": programme.key}, children, below)


def _track_part(programme: shape.Programme, track: shape.Track) -> Part:
    own = {"key": track.key, "slug": track.key, "kind": str(track.kind)}
    own |= _title(track) | columns("short", track.short) | columns("aim", track.aim)
    below = tuple(_module_part(programme, module) for module in track.modules)
    return Part(TrackPage, track.key, track, own, {}, below)


def _module_part(programme: shape.Programme, module: shape.Module) -> Part:
    own = {name: getattr(module, name) for name in ("key", "focus_area", "open_week", "close_week")}
    below = tuple(_lesson_part(programme, lesson) for lesson in module.lessons)
    return Part(ModulePage, module.key, module, own | _title(module) | {"slug": module.key}, {}, below)


def _lesson_part(programme: shape.Programme, lesson: shape.Lesson) -> Part:
    own = {name: getattr(lesson, name) for name in ("key", "slug", "focus_area", "minutes")}
    own |= _title(lesson) | columns("aims", lesson.aims) | columns("body", lesson.body)
    own |= columns("short", lesson.short or shape.Text(da=""))
    children: dict[str, tuple[type[Any], list[Any]]] = {
        "prompts": (LessonPrompt, [programme.prompt(key) for key in lesson.prompts]),
        "exercises": (LessonExercise, [programme.exercise(key) for key in lesson.exercises]),
    }
    return Part(LessonPage, lesson.key, lesson, own, children, ())


def _title(value: Any) -> Data:
    return {"title": value.title.da, "title_en": value.title.en or ""}


def digest_of_part(part: Part) -> str:
    """Equal for a part of a folder and a page that holds just that."""
    children = {name: [model.columns_of(value) for value in values] for name, (model, values) in part.children.items()}
    return _digest({"own": part.columns, "children": children, "below": [below.key for below in part.below]})


def digest_of_page(page: Authored, part: Part) -> str:
    """The same of a page, or of a draft of it."""
    own = {name: getattr(page, name) for name in part.columns}
    children = {
        name: [_columns(child) for child in getattr(page, name).all()]
        for name, (_model, _values) in part.children.items()
    }
    below = [child.specific.key for child in page.get_children()]
    return _digest({"own": own, "children": children, "below": below})


def _columns(child: Any) -> Data:
    names = [field.name for field in child._meta.concrete_fields]
    return {name: getattr(child, name) for name in names if name not in ("id", "page", "sort_order")}


def _digest(data: Data) -> str:
    written = json.dumps(data, sort_keys=True, default=str, ensure_ascii=False)
    # A browser sends line ends its own way; that is no change.
    return hashlib.sha256(written.replace("\\r\\n", "\\n").encode()).hexdigest()
