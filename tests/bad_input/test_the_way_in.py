"""The doors anybody can knock at: signing in, a new password, the language; and a post that lost its session."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.bad_input.hostile import HOSTILE, NO_TEXT
from tests.bad_input.scene import TEXT

FORM = "application/x-www-form-urlencoded"
WAYS_IN = {
    "account_login": {"login": "leder@fjordby.example", "password": "et forkert kodeord", "next": "/"},
    "account_reset_password": {"email": "leder@fjordby.example"},
    "language": {"language": "da", "next": "/"},
}


@pytest.fixture
def stranger(scene):
    client = Client()
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("way", WAYS_IN)
def test_nonsense_from_a_stranger_lets_nobody_in_and_breaks_nothing(way, stranger):
    wrong, fields = [], WAYS_IN[way]
    for name in fields:
        for kind, value in HOSTILE.items():
            status = stranger.post(reverse(way), fields | {name: value}).status_code
            wrong += [f"{name}, {kind}: {status}"] if status not in (200, 302, 400) else []
        for kind, raw in NO_TEXT.items():
            body = urlencode(fields).encode() + b"&" + name.encode() + b"=" + raw
            status = stranger.generic("POST", reverse(way), body, FORM).status_code
            wrong += [f"{name}, {kind}: {status}"] if status not in (200, 302, 400) else []

    assert not wrong, "\n".join(wrong)
    assert "_auth_user_id" not in stranger.session


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_text_posted_without_a_session_is_shown_again_whatever_it_is(kind, stranger, scene):
    response = stranger.post(scene.address("write"), TEXT | {"field-text": f"Min egen linje. {HOSTILE[kind]}"})

    assert response.status_code == 401
    assert "Min egen linje." in response.content.decode()


@pytest.mark.parametrize("kind", NO_TEXT)
def test_a_post_without_its_token_is_shown_again_whatever_it_is(kind, scene):
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.owner)

    response = client.generic(
        "POST", scene.address("write"), b"field-text=Min%20linje&visibility=" + NO_TEXT[kind], FORM
    )

    assert response.status_code == 403
    assert "Min linje" in response.content.decode()
