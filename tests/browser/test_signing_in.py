"""The first page anybody sees: with the keyboard, on a phone, in both languages."""

import pytest

from tests.browser.accessibility import assert_fits, assert_no_axe_violations
from tests.browser.conftest import DESK, PHONE, sign_in
from tests.factories import EnrolmentFactory, UserFactory


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
