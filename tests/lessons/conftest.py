import shutil
from datetime import UTC, datetime

import pytest
from django.utils import translation

from lessons.loading import to_pages
from tests.factories import DEMO_FOLDER

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english():
    """Sentences are compared in the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def folder(tmp_path):
    """A copy of the demo programme to write in."""
    return shutil.copytree(DEMO_FOLDER, tmp_path / "programme")


@pytest.fixture
def edit(folder):
    """Replaces one text in one file of the folder; the text must be there once."""

    def replace(name, old, new):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def page(db, programme):
    """The demo programme as live pages."""
    return to_pages(programme, now=NOW).page
