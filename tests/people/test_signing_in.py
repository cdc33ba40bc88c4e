"""Signing in by e-mail: one answer to strangers, one way in, and the way back to what a mail asked for."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

import courseplatform.settings
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db
SIGN_IN = "/konto/login/"


@pytest.fixture
def person():
    return UserFactory(email="leder.engholm@fjordby.example", display_name="Plejehjemsleder, Engholm")


@pytest.fixture
def counted(settings):
    """Limits as they are outside tests."""
    settings.ACCOUNT_RATE_LIMITS = courseplatform.settings.ACCOUNT_RATE_LIMITS
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "counted"}}
    cache.clear()
    yield
    cache.clear()


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def alert(response):
    found = re.search(r'role="alert">(.*?)</div>\s*</div>', response.content.decode(), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_the_address_may_be_written_in_any_case(client, person):
    response = sign_in(client, " Leder.Engholm@FJORDBY.example ")

    assert response.status_code == 302
    assert response.url == "/"


def test_the_page_that_opens_says_enough(client, person):
    signed_in = client.post(SIGN_IN, {"login": person.email, "password": PASSWORD, "next": "/min-side/"}, follow=True)

    assert list(signed_in.context["messages"]) == []
    assert list(client.post("/konto/logout/", follow=True).context["messages"]) == []


def test_a_link_from_a_mail_leads_there_after_signing_in(client, person):
    asked = client.get("/min-side/")
    assert asked.url == f"{SIGN_IN}?next=/min-side/"
    assert 'name="next" value="/min-side/"' in client.get(asked.url).content.decode()

    assert sign_in(client, person.email, next="/min-side/").url == "/min-side/"


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_nobody_is_led_elsewhere(client, person, elsewhere):
    assert sign_in(client, person.email, next=elsewhere).url == "/"


def test_strangers_leavers_and_wrong_passwords_get_the_same_answer(client, person):
    UserFactory(email="tidligere@fjordby.example", is_active=False)

    answers = {
        alert(sign_in(client, person.email, "forkert sætning i dag")),
        alert(sign_in(client, "ukendt@fjordby.example")),
        alert(sign_in(client, "tidligere@fjordby.example")),
    }

    assert answers == {
        "Vi kender ikke den adresse med den adgangskode. Se begge dele efter, eller vælg en ny adgangskode."
    }


def test_after_five_wrong_passwords_the_address_has_to_wait(client, person, counted):
    for _ in range(5):
        assert "Vi kender ikke" in alert(sign_in(client, person.email, "forkert sætning i dag"))

    assert alert(sign_in(client, person.email)) == (
        "Der har været for mange forsøg med den adresse. Vent fem minutter, eller vælg en ny adgangskode."
    )


def test_one_address_that_asks_for_link_after_link_has_to_wait(client, person, counted):
    answers = [client.post("/konto/password/reset/", {"email": person.email}) for _ in range(6)]

    assert [response.status_code for response in answers] == [302] * 5 + [429]
    assert "Vent et par minutter" in answers[-1].content.decode()
    assert len(mail.outbox) == 5


def test_a_whole_room_can_choose_its_passwords_at_once(client, counted):
    for number in range(32):
        UserFactory(email=f"ny{number}@fjordby.example")
        assert client.post("/konto/password/reset/", {"email": f"ny{number}@fjordby.example"}).status_code == 302

    assert len(mail.outbox) == 32


def test_machines_are_told_apart_by_what_our_own_proxy_says(client, person, counted, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(61):
        sign_in_from = {"x-forwarded-for": f"6.6.6.6, 10.0.0.{number}"}
        client.post(SIGN_IN, {"login": f"x{number}@fjordby.example", "password": "y"}, headers=sign_in_from)

    assert sign_in(client, person.email).status_code == 302


def test_nobody_signs_up_by_themselves(client):
    response = client.post("/konto/signup/", {"email": "ny@fjordby.example", "password1": PASSWORD})

    assert "Man kan ikke selv tilmelde sig her." in response.content.decode()
    assert not UserFactory._meta.model.objects.filter(email="ny@fjordby.example").exists()


@pytest.mark.parametrize("name", ["account_email", "account_set_password", "account_email_verification_sent"])
def test_nobody_changes_their_address_here(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_who_is_gone_is_signed_out_at_the_next_page(client, person):
    client.force_login(person)
    person.is_active = False
    person.save()

    assert client.get("/min-side/").status_code == 302


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [("da", "Vælg en ny adgangskode", "har bedt om en ny adgangskode"), ("en", "Choose a new password", "asked for a")],
)
def test_the_mail_with_the_link_is_in_its_readers_language(client, person, language, subject, words):
    person.language = language
    person.save()

    client.post("/konto/password/reset/", {"email": person.email}, headers={"accept-language": "da"})

    [letter] = mail.outbox
    assert letter.subject == subject
    assert words in letter.body
    assert letter.to == [person.email]


def test_who_was_invited_and_never_had_a_password_gets_one_by_the_link(client, person):
    person.set_unusable_password()
    person.save()
    client.post("/konto/password/reset/", {"email": person.email})

    link = re.search(r"https?://[^/\s]+(/konto/password/reset/key/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    chosen = {"password1": "tre nye ord til mig", "password2": "tre nye ord til mig"}
    done = client.post(form.redirect_chain[-1][0], chosen)

    assert done.url == reverse("account_reset_password_from_key_done")
    assert sign_in(client, person.email, "tre nye ord til mig").status_code == 302
    assert "Linket virker ikke længere" in client.get(link).content.decode()


def test_an_unknown_address_is_told_by_mail_only(client):
    response = client.post("/konto/password/reset/", {"email": "ukendt@fjordby.example"}, follow=True)

    assert "Kender vi adressen, er et link på vej." in response.content.decode()
    assert "kender ingen med den" in mail.outbox[0].body


def test_a_short_password_is_refused_beside_its_field(client, person):
    client.force_login(person)
    words = {"oldpassword": PASSWORD, "password1": "kort", "password2": "kort"}
    html = client.post("/konto/password/change/", words).content.decode()

    assert 'href="#id_password1"' in html
    assert re.search(r'<input[^>]*id="id_password1"[^>]*>', html)[0].count("id_password1_error") == 1
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_signing_out_needs_a_press(client, person):
    client.force_login(person)
    assert "Vil du logge ud?" in client.get("/konto/logout/").content.decode()
    assert client.get("/min-side/").status_code == 200

    client.post("/konto/logout/")
    assert client.get("/min-side/").status_code == 302


def test_a_changed_password_is_told_by_mail_without_saying_from_where(client, person, mailoutbox):
    client.force_login(person)
    words = {"oldpassword": PASSWORD, "password1": "tre nye ord til mig", "password2": "tre nye ord til mig"}
    machine = {"headers": {"user-agent": "Firefox/143.0"}, "REMOTE_ADDR": "10.1.2.3"}
    done = client.post("/konto/password/change/", words, follow=True, **machine)

    [letter] = mailoutbox
    assert done.redirect_chain == [("/min-side/adgang/", 302)]
    assert "Din adgangskode er skiftet." in done.content.decode()
    assert (letter.subject, letter.to) == ("Din adgangskode er skiftet", [person.email])
    assert "/min-side/adgang/" in letter.body
    assert not any(told in letter.body for told in ("10.1.2.3", "Firefox"))


@pytest.mark.parametrize("has_been_here", [True, False])
def test_a_password_by_the_link_is_news_only_to_who_has_been_here(client, person, mailoutbox, has_been_here):
    if has_been_here:
        client.force_login(person)
        client.logout()
    client.post("/konto/password/reset/", {"email": person.email})
    link = re.search(r"https?://[^/\s]+(/konto/password/reset/key/\S+)", mailoutbox[0].body)[1]
    chosen = {"password1": "tre nye ord til mig", "password2": "tre nye ord til mig"}
    client.post(client.get(link, follow=True).redirect_chain[-1][0], chosen)

    told = ["Din adgangskode er skiftet"] if has_been_here else []
    assert [letter.subject for letter in mailoutbox[1:]] == told


def test_a_password_changes_also_while_no_mail_can_be_sent(client, person, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.force_login(person)
    words = {"oldpassword": PASSWORD, "password1": "tre nye ord til mig", "password2": "tre nye ord til mig"}

    assert client.post("/konto/password/change/", words).status_code == 302
    person.refresh_from_db()
    assert person.check_password("tre nye ord til mig")
