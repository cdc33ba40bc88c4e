"""Passkeys: another way in beside the password, and nobody else's to touch. With a real key: tests/browser."""

import json
import re
from base64 import urlsafe_b64encode

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

import courseplatform.settings
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SIGN_IN, WITH_KEY, NEW = "/konto/login/", "/konto/noegle/", "/konto/noegle/ny/"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"


@pytest.fixture
def person():
    return UserFactory(email="leder.engholm@fjordby.example")


@pytest.fixture
def key(person):
    return key_of(person)


@pytest.fixture
def trusted(client, person):
    """A browser whose owner has just said once more who they are."""
    client.force_login(person)
    client.post("/konto/reauthenticate/", {"password": PASSWORD})
    return client


def key_of(person):
    return Authenticator.objects.create(user=person, type="webauthn", data={"name": "Min telefon", "credential": {}})


def names(person):
    return [str(key) for key in Authenticator.objects.filter(user=person)]


def test_the_password_is_still_enough_for_who_has_a_passkey(client, person, key):
    response = client.post(SIGN_IN, {"login": person.email, "password": PASSWORD})

    assert response.url == "/"
    assert client.get("/min-side/").status_code == 200


@pytest.mark.parametrize("way", ["ny", "{key}/navn", "{key}/fjern"])
def test_nothing_about_keys_changes_before_one_has_shown_who_one_is(client, person, key, way):
    client.force_login(person)
    page = f"/konto/noegle/{way.format(key=key.pk)}/"
    answers = [client.get(page), client.post(page, {"name": "En andens", "credential": "{}"})]

    assert [answer.url.partition("?")[0] for answer in answers] == ["/konto/reauthenticate/"] * 2
    assert names(person) == ["Min telefon"]


@pytest.mark.parametrize("way", ["navn", "fjern"])
def test_somebody_elses_key_is_not_there(trusted, way):
    other = UserFactory()
    page = f"/konto/noegle/{key_of(other).pk}/{way}/"

    assert [trusted.get(page).status_code, trusted.post(page, {"name": "Min nu"}).status_code] == [404, 404]
    assert names(other) == ["Min telefon"]


@pytest.mark.parametrize("way", ["ny", "1/navn", "1/fjern", "er-det-dig"])
def test_a_stranger_is_asked_to_sign_in(client, way):
    answers = [client.get(f"/konto/noegle/{way}/"), client.post(f"/konto/noegle/{way}/", {"credential": "{}"})]

    assert [answer.url.partition("?")[0] for answer in answers] == [SIGN_IN] * 2


def test_who_cannot_show_who_they_are_with_a_key_can_try_again_and_changes_nothing(client, person, key):
    client.force_login(person)
    on_the_way = {"credential": "{}", "next": f"/konto/noegle/{key.pk}/fjern/"}
    response = client.post("/konto/noegle/er-det-dig/", on_the_way)

    assert response.url == f"/konto/noegle/er-det-dig/?next=%2Fkonto%2Fnoegle%2F{key.pk}%2Ffjern%2F"
    assert client.get(on_the_way["next"]).status_code == 302
    assert names(person) == ["Min telefon"]


@pytest.mark.parametrize("number", [0, 10**18, 10**30])
def test_a_key_that_never_was_is_not_there(trusted, number):
    assert trusted.get(f"/konto/noegle/{number}/fjern/").status_code == 404


def test_a_key_gets_another_name(trusted, person, key):
    assert trusted.post(f"/konto/noegle/{key.pk}/navn/", {"name": "  Arbejdstelefonen\x07 "}).status_code == 302

    page = trusted.get("/min-side/adgang/").content.decode()
    assert names(person) == ["Arbejdstelefonen"]
    assert "Arbejdstelefonen" in page
    assert "Så fjern også telefonens adgangsnøgle." in page


@pytest.mark.parametrize(
    ("language", "subject"), [("da", "En adgangsnøgle er fjernet"), ("en", "A passkey has been removed")]
)
def test_a_removed_key_is_told_by_mail_in_its_readers_language(
    trusted, person, key, settings, mailoutbox, language, subject
):
    settings.SITE_URL, person.language = "https://ledelse.fjordby.example", language
    person.save()
    trusted.post(f"/konto/noegle/{key.pk}/fjern/", headers={"user-agent": IPHONE}, REMOTE_ADDR="10.1.2.3")

    [letter] = mailoutbox
    assert names(person) == []
    assert (letter.subject, letter.to, letter.alternatives) == (subject, [person.email], [])
    assert letter.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert re.findall(r"\S+://\S+", letter.body) == ["https://ledelse.fjordby.example/min-side/adgang/"]
    assert not any(told in letter.body for told in ("10.1.2.3", "iPhone", "Min telefon"))


def test_a_new_key_is_named_after_the_device_and_must_ask_for_finger_face_or_code(trusted):
    page = trusted.get(NEW, headers={"user-agent": IPHONE})

    assert page.context["form"]["name"].value() == "iPhone, Safari"
    assert set(page.context["form"].fields) == {"name", "credential"}
    assert page.context["form"].clean.__qualname__ == "NewPasskeyForm.clean"


def test_nobody_adds_a_key_for_somebody_at_the_desk(client, person):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    for desk in ("mfa/authenticator", "usersessions/usersession"):
        assert client.get(f"/support/{desk}/add/").status_code == 404


HANDLE = urlsafe_b64encode(b"x").decode()
NO_KEYS = [
    "", "x", "5", "[]", "{}", "null", '{"response": 5}', '{"response": {"userHandle": 5}}', '{"id": "x", "rawId": []}',
    json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": HANDLE}}),
    json.dumps({
        "id": "eA", "rawId": "eA", "type": "public-key",
        "response": {"userHandle": HANDLE, "clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA"},
    }),
    "[" * 5000,
]  # fmt: skip


def test_what_is_no_key_opens_nothing_and_breaks_nothing(client, person, key):
    answers = set()
    for credential in NO_KEYS:
        client.get(WITH_KEY, headers={"accept": "application/json"})
        response = client.post(WITH_KEY, {"credential": credential, "next": "/log/"})
        answers.add((response.status_code, response.url))

    assert answers == {(302, f"{SIGN_IN}?next=%2Flog%2F")}
    assert client.get("/min-side/").status_code == 302


def test_what_is_no_key_is_not_added(trusted, person):
    answers = set()
    for credential in NO_KEYS:
        trusted.get(NEW)
        answers.add(trusted.post(NEW, {"name": "Min", "credential": credential}).status_code)

    assert answers == {200}
    assert names(person) == []


def test_who_guesses_again_and_again_has_to_wait(client, person, settings):
    settings.ACCOUNT_RATE_LIMITS = courseplatform.settings.ACCOUNT_RATE_LIMITS
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "keys"}}
    cache.clear()
    client.force_login(person)
    again = [client.post("/konto/reauthenticate/", {"password": "forkert"}).status_code for _ in range(11)]
    settings.MFA_RATE_LIMITS = {"webauthn_login": "2/m/ip"}
    client.logout()
    keys = [client.post(WITH_KEY, {"credential": "{}"}).status_code for _ in range(3)]
    cache.clear()

    assert again == [200] * 10 + [429]
    assert keys == [302, 302, 429]
