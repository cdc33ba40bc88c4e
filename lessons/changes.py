"""What differs between two programmes, by key and in words: dates, prompts and texts apart (MODEL I1)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from lessons.shape import Lines, Programme, Text, Value
from lessons.writing import write_part, yaml_text


class Theme(StrEnum):
    """What a change is about, in the order it is shown."""

    DATES = "dates"
    PROMPTS = "prompts"
    TEXTS = "texts"


class Step(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Detail:
    """One field: what it was and what it becomes; both in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One thing that differs. `kind` is the shape's name for it, such as `workshops`."""

    theme: Theme
    step: Step
    kind: str
    key: str
    title: str
    details: tuple[Detail, ...] = ()

    @property
    def noun(self) -> str:
        return nouns()[self.kind]

    def __str__(self) -> str:
        steps = {Step.ADDED: _("added"), Step.REMOVED: _("removed"), Step.CHANGED: _("changed")}
        return f"{self.noun} “{self.title or self.key}” {steps[self.step]}"


def diff(old: Programme, new: Programme) -> tuple[Change, ...]:
    """Every difference, dates first, then prompts, then texts. The version's own number is none."""
    changes = [change for kind in nouns() for change in _in_kind(kind, old, new)]
    return tuple(sorted(changes, key=lambda change: list(Theme).index(change.theme)))


def _in_kind(kind: str, old: Programme, new: Programme) -> Iterator[Change]:
    before, after = items_of(old, kind), items_of(new, kind)
    for key in before | after:
        if key not in before:
            yield Change(_theme(kind), Step.ADDED, kind, key, _title(after[key]))
        elif key not in after:
            yield Change(_theme(kind), Step.REMOVED, kind, key, _title(before[key]))
        elif before[key] != after[key]:
            yield from _changed(kind, key, before[key], after[key])


def _theme(kind: str) -> Theme:
    if kind in ("workshops", "group_meetings", "experiment_rounds"):
        return Theme.DATES
    return Theme.PROMPTS if kind == "prompts" else Theme.TEXTS


def _changed(kind: str, key: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    """One change for each theme the differing fields belong to."""
    names = [name for name in before | after if before.get(name) != after.get(name)]
    for theme in Theme:
        own = [name for name in names if _theme_of_field(kind, name) is theme]
        if own:
            details = tuple(detail for name in own for detail in _details(name, before.get(name), after.get(name)))
            yield Change(theme, Step.CHANGED, kind, key, _title(after), details)


DATE_FIELDS = {"week", "weekday", "start", "end", "open_week", "close_week", "start_week", "end_week", "length_weeks"}
DATE_FIELDS |= {"calendar", "nominal_start", "example_start", "timezone"}


def _theme_of_field(kind: str, name: str) -> Theme:
    if kind == "prompts":
        return Theme.PROMPTS
    return Theme.DATES if name in DATE_FIELDS else Theme.TEXTS


def _details(name: str, before: Any, after: Any) -> Iterator[Detail]:
    if isinstance(after, Text | Lines) and isinstance(before, Text | Lines):
        for language in ("da", "en"):
            old, new = getattr(before, language), getattr(after, language)
            if old != new:
                yield Detail(f"{field_name(name)} ({language})", in_words(old), in_words(new))
    else:
        yield Detail(field_name(name), in_words(before), in_words(after))


def in_words(value: Any) -> str:
    """A value as a reader can follow it."""
    if value is None or value == ():
        return "–"
    if isinstance(value, tuple) and all(isinstance(item, str) for item in value):
        return " / ".join(value)
    if isinstance(value, tuple | Value):
        return yaml_text(write_part(value)).strip()
    return str(write_part(value))


def items_of(programme: Programme, kind: str) -> dict[str, dict[str, Any]]:
    """The things of that kind by key, each with its fields, and where it stands if that can change."""
    if kind == "programme":
        own = {name for name, field in Programme.model_fields.items() if name not in (*_kinds(), "number")}
        return {programme.key: {name: getattr(programme, name) for name in own if name != "tracks"}}
    if kind == "modules":
        return {
            module.key: _fields(module, leave="lessons") | {"track": track.key, "place": place}
            for track in programme.tracks
            for place, module in enumerate(track.modules, 1)
        }
    if kind == "lessons":
        return {
            lesson.key: _fields(lesson) | {"module": module.key, "place": place}
            for module in programme.modules
            for place, lesson in enumerate(module.lessons, 1)
        }
    return {value.key: _fields(value, leave="modules") for value in getattr(programme, kind)}


def _kinds() -> Iterable[str]:
    return [kind for kind in nouns() if kind != "programme"]


def _fields(value: Value, leave: str = "") -> dict[str, Any]:
    return {name: getattr(value, name) for name in type(value).model_fields if name != leave}


def _title(fields: dict[str, Any]) -> str:
    words = fields.get("title") or fields.get("theme") or fields.get("text")
    return words.da if isinstance(words, Text) else ""


def nouns() -> dict[str, str]:
    """What each kind is called, in the order it is told."""
    return {
        "programme": _("Programme"),
        "workshops": _("Workshop"),
        "group_meetings": _("Group meeting"),
        "experiment_rounds": _("Round of experiments"),
        "tracks": _("Track"),
        "modules": _("Module"),
        "lessons": _("Lesson"),
        "prompts": _("Prompt"),
        "exercises": _("Exercise"),
        "surveys": _("Survey"),
        "artefacts": _("Deliverable"),
        "sponsor_conversations": _("Conversation with the line manager"),
        "focus_areas": _("Focus area"),
        "reflection_models": _("Reflection model"),
    }


def field_name(name: str) -> str:
    """A field in words; a rare one under its own name."""
    names = {
        "title": _("title"),
        "body": _("text"),
        "short": _("the three minutes"),
        "text": _("text"),
        "aims": _("aims"),
        "week": _("week"),
        "weekday": _("weekday"),
        "start": _("starts"),
        "end": _("ends"),
        "open_week": _("opens in week"),
        "close_week": _("closes after week"),
        "start_week": _("starts in week"),
        "end_week": _("ends in week"),
        "anchor": _("counted from"),
        "offset": _("days after"),
        "minutes": _("minutes"),
        "steps": _("steps"),
        "place": _("place in the order"),
        "module": _("module"),
        "track": _("track"),
        "prompts": _("prompts"),
        "exercises": _("exercises"),
        "theme": _("theme"),
        "late": _("for somebody who joins later"),
        "remind_after_workdays": _("ask once more after"),
        "length_weeks": _("length in weeks"),
        "calendar": _("calendar"),
    }
    return names.get(name, name)
