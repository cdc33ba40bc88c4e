from datetime import UTC, datetime

import pytest

from courseplatform import clock
from tests.bad_input.scene import Scene
from tests.standing import standing

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)  # the day before the scene's workshop


@pytest.fixture
def late_october(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def late_in_october():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: NOW)
        return Scene()


@pytest.fixture(scope="module")
def scenes(django_db_setup, django_db_blocker):
    with standing(late_in_october, django_db_blocker) as made:
        yield made


@pytest.fixture
def scene(scenes, db, late_october):
    """A cohort under way, and a draft of the next one."""
    return scenes()


@pytest.fixture
def enter(client, scene):
    """Signs a role of the scene in, in a language, and hands out the browser: `enter("owner", "en")`."""

    def sign_in(role, language="da"):
        person = getattr(scene, role)
        person.language = language
        person.save(update_fields=["language"])
        client.raise_request_exception = False
        client.force_login(person)
        return client

    return sign_in
