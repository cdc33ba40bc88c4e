"""One speaks the person's language; before sign-in the browser's or the one that was chosen."""

import pytest

from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def language_of(response):
    return response.content.decode().split('<html lang="')[1][:2]


@pytest.mark.parametrize(("browser", "spoken"), [("da", "da"), ("en-GB,en", "en"), ("de", "da"), ("", "da")])
def test_a_stranger_hears_the_browsers_language_and_otherwise_danish(client, browser, spoken):
    assert language_of(client.get("/konto/login/", headers={"accept-language": browser})) == spoken


def test_a_chosen_language_outlives_the_browsers(client):
    client.post("/sprog/", {"language": "en", "next": "/konto/login/"}, headers={"accept-language": "da"})

    assert language_of(client.get("/konto/login/", headers={"accept-language": "da"})) == "en"


def test_a_signed_in_person_keeps_the_choice_everywhere(client):
    person = UserFactory(language="da")
    client.force_login(person)
    client.cookies["language"] = "da"
    response = client.post("/sprog/", {"language": "en", "next": "/min-side/"})

    person.refresh_from_db()
    assert response.url == "/min-side/"
    assert person.language == "en"
    assert language_of(client.get("/min-side/", headers={"accept-language": "da"})) == "en"


def test_a_language_chosen_on_the_way_in_is_kept_after_signing_in(client):
    person = UserFactory(language="da")
    client.post("/sprog/", {"language": "en", "next": "/konto/login/"})
    client.post("/konto/login/", {"login": person.email, "password": PASSWORD})

    assert language_of(client.get("/min-side/")) == "en"


def test_a_colleagues_cookie_does_not_change_my_language(client):
    person = UserFactory(language="da")
    client.cookies["language"] = "en"
    client.post("/konto/login/", {"login": person.email, "password": PASSWORD})

    assert language_of(client.get("/min-side/")) == "da"


@pytest.mark.parametrize("language", ["xx", "", "da'--"])
def test_a_language_that_we_do_not_speak_changes_nothing(client, language):
    person = UserFactory(language="da")
    client.force_login(person)
    response = client.post("/sprog/", {"language": language})

    person.refresh_from_db()
    assert person.language == "da"
    assert "language" not in response.cookies


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_nobody_is_led_elsewhere(client, elsewhere):
    assert client.post("/sprog/", {"language": "en", "next": elsewhere}).url == "/"


def test_a_link_changes_no_language(client):
    assert client.get("/sprog/?language=en").status_code == 405
