"""The demo folder, as a value and as what a version holds. Read once: most tests have a cohort, and it a version."""

from functools import cache

from lessons.folder import from_folder
from lessons.shape import Programme
from lessons.versions import digest_of
from tests.factories import DEMO_FOLDER


@cache
def programme() -> Programme:
    return from_folder(DEMO_FOLDER)


@cache
def snapshot() -> str:
    """As JSON."""
    return programme().model_dump_json()


@cache
def digest() -> str:
    return digest_of(programme())
