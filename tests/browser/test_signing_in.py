"""The first page anybody sees: with the keyboard, on a phone, in both languages."""

import pytest

from tests.browser.accessibility import assert_fits, assert_no_axe_violations
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.factories import PASSWORD, EnrolmentFactory, UserFactory


@pytest.fixture(scope="module", autouse=True)
def started(site):
    site.start()


@pytest.mark.parametrize("size", [PHONE, DESK])
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_sign_in_page_is_readable_for_everybody(new_page, size, language):
    page = new_page(size=size, language=language)
    page.goto("/min-side/")

    assert page.locator("html").get_attribute("lang") == language
    assert_fits(page)
    for scheme in ("light", "dark"):
        assert_no_axe_violations(page, scheme)


def test_a_manager_signs_in_with_the_keyboard_alone(phone):
    person = EnrolmentFactory(person=UserFactory(email="leder.hjem@fjordby.example")).person
    phone.goto("/min-side/")
    phone.locator("#id_login").focus()
    phone.keyboard.type(person.email)
    phone.keyboard.press("Tab")
    phone.keyboard.type("en lang og venlig sætning")
    phone.keyboard.press("Enter")

    phone.wait_for_url(lambda url: url.endswith("/min-side/") and "/konto/" not in url)


def test_a_wrong_password_is_said_where_the_eyes_are(phone):
    person = UserFactory(email="leder.glemsom@fjordby.example")
    phone.goto("/min-side/")
    sign_in(phone, person.email, "forkert sætning i dag")

    phone.get_by_role("alert").wait_for()
    assert "/konto/login/" in phone.url
    for scheme in ("light", "dark"):
        assert_no_axe_violations(phone, scheme)


def with_a_finger(page):
    """A phone with a sensor, and a finger on it that it knows."""
    sensor = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    finger = {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": sensor | finger})
    return page


def test_a_finger_opens_the_door_once_a_passkey_is_added_and_no_longer_once_it_is_removed(phone, site, mails):
    person = EnrolmentFactory(person=UserFactory(email="leder.finger@fjordby.example")).person
    page = with_a_finger(phone)
    page.goto(f"http://localhost:{site.port}/min-side/adgang/")  # passkeys belong to names, not to numbers
    sign_in(page, person.email)
    page.get_by_role("link", name="Tilføj en adgangsnøgle").click()
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Fortsæt").click()
    assert_no_axe_violations(page)
    page.get_by_label("Hvad vil du kalde den?").fill("Min telefon")
    page.get_by_role("button", name="Tilføj en adgangsnøgle").click()
    page.get_by_text("Adgangsnøglen er tilføjet.").wait_for()

    sign_out(page)
    work_here(person, is_active=False)
    page.get_by_role("button", name="Log ind med fingeraftryk eller ansigt").click()
    page.get_by_role("heading", name="Du kan ikke længere logge ind").wait_for()
    work_here(person, is_active=True)
    page.goto(page.url.replace("/konto/inactive/", "/min-side/adgang/"))
    page.get_by_role("button", name="Log ind med fingeraftryk eller ansigt").click()
    page.wait_for_url("**/min-side/adgang/")

    page.get_by_role("link", name="Fjern Min telefon").click()
    page.get_by_role("link", name="Brug fingeraftryk eller ansigt i stedet").click()
    page.get_by_role("button", name="Fortsæt").click()
    page.get_by_role("button", name="Fjern den").click()
    page.get_by_text("Adgangsnøglen er fjernet.").wait_for()
    sign_out(page)
    page.get_by_role("button", name="Log ind med fingeraftryk eller ansigt").click()

    page.get_by_role("alert").get_by_text("Vi kender ikke den adgangsnøgle.").wait_for()
    assert page.url.endswith("/konto/login/?next=%2Fmin-side%2Fadgang%2F")
    assert [mail["Subject"] for mail in mails.to(person.email)] == [
        "Der er tilføjet en adgangsnøgle",
        "En adgangsnøgle er fjernet",
    ]


def test_a_browser_that_cannot_do_it_shows_nothing_of_it(phone):
    """At an address made of numbers none can."""
    phone.goto("/min-side/")
    phone.locator("#id_login").wait_for()

    assert phone.get_by_role("button", name="Log ind med fingeraftryk eller ansigt").count() == 0


def work_here(person, *, is_active):
    type(person).objects.filter(pk=person.pk).update(is_active=is_active)


def sign_out(page):
    """And on to a page that asks to sign in."""
    page.goto(page.url.replace("/min-side/adgang/", "/konto/logout/"))
    page.get_by_role("main").get_by_role("button", name="Log ud").click()
    page.wait_for_url("**/konto/login/")
    page.goto(page.url.replace("/konto/login/", "/min-side/adgang/"))
