"""Versions of the demo programme that differ from the first in one thing, published."""

from datetime import UTC, datetime

from lessons.shape import Programme
from lessons.versions import publish
from tests.demo_programme import programme

JUNE = datetime(2026, 6, 2, tzinfo=UTC)


def published_without(kind: str, key: str, number: str = "1.1"):
    """The version without that lesson, workshop, meeting or prompt."""
    return published(_without(programme(), kind, key), number)


def with_one_more(kind: str, like: str, number: str = "1.1", **changes):
    """The version with one thing more, made like another."""
    things = getattr(programme(), kind)
    model = next(one for one in things if one.key == like)
    return published(programme().model_copy(update={kind: (*things, model.model_copy(update=changes))}), number)


def with_other(kind: str, key: str, number: str = "1.1", **changes):
    """The version in which one thing has changed."""
    things = tuple(one.model_copy(update=changes) if one.key == key else one for one in getattr(programme(), kind))
    return published(programme().model_copy(update={kind: things}), number)


def with_other_lesson(key: str, number: str = "1.1", **changes):
    """The version in which one lesson says something else."""

    def changed(module):
        lessons = tuple(one.model_copy(update=changes) if one.key == key else one for one in module.lessons)
        return module.model_copy(update={"lessons": lessons})

    tracks = (track.model_copy(update={"modules": tuple(map(changed, track.modules))}) for track in programme().tracks)
    return published(programme().model_copy(update={"tracks": tuple(tracks)}), number)


def published(content: Programme, number: str):
    """Later than any other."""
    days = int(number.rpartition(".")[2])
    return publish(content.model_copy(update={"number": number}), note="", by=None, now=JUNE.replace(day=2 + days))


def _without(content: Programme, kind: str, key: str) -> Programme:
    if kind == "lessons":
        return content.model_copy(update={"tracks": tuple(_track_without(one, key) for one in content.tracks)})
    return content.model_copy(update={kind: tuple(one for one in getattr(content, kind) if one.key != key)})


def _track_without(track, key):
    modules = (
        one.model_copy(update={"lessons": tuple(lesson for lesson in one.lessons if lesson.key != key)})
        for one in track.modules
    )
    return track.model_copy(update={"modules": tuple(modules)})
