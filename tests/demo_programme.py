from functools import lru_cache

from lessons.folder import from_folder
from lessons.shape import Programme
from tests.factories import DEMO_FOLDER


@lru_cache(maxsize=1)
def programme() -> Programme:
    """The demo folder as a value, read once."""
    return from_folder(DEMO_FOLDER)
