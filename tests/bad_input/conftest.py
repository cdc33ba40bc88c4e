from datetime import UTC, datetime

import pytest

from courseplatform import clock
from tests.bad_input.scene import Scene

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)  # the day before the scene's workshop


@pytest.fixture
def late_october(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def scene(db, late_october):
    """A cohort under way, and a draft of the next one."""
    return Scene()


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
