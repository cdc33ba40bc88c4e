import shutil
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import translation

from lessons.loading import to_pages
from lessons.models import ProgrammePage
from tests.demo_programme import programme as demo_programme
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


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The demo programme as live pages, loaded once for a module: each test works inside a savepoint of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield to_pages(demo_programme(), now=NOW).page.pk
        transaction.set_rollback(True)


@pytest.fixture
def page(loaded, db):
    """The demo programme as live pages."""
    return ProgrammePage.objects.get(pk=loaded)
