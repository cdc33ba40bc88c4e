"""Nothing typed is lost: kept while it is written, through a lost connection, a lost session and a second device."""

from datetime import timedelta

import pytest
from _processes import wait_until
from django.utils import timezone

from courseplatform.journal import entries
from courseplatform.journal.models import Reflection
from tests.browser.conftest import session_cookie, sign_in
from tests.factories import EnrolmentFactory, MessageFactory

TEXT = "Nattevagten havde selv rettet i udkastet."


@pytest.fixture(scope="module")
def _running(site):
    site.start()


@pytest.fixture
def message(_running):
    now = timezone.now()
    return MessageFactory(enrolment=EnrolmentFactory(), state="sent", sent_at=now, expires_at=now + timedelta(days=14))


@pytest.fixture
def new_window(browser, site, message):
    """Opens the question. What a script complains of fails the test; that requests fail is what the tests are about."""
    complaints, contexts = [], []

    def open_window():
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=site.url, locale="da")
        contexts.append(context)
        context.add_cookies([session_cookie(message.person, site.url)])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_of_a_script(said) else None)
        page.goto(f"/skriv/{message.pk}/")
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == [], site.children.last_words("web")


def is_of_a_script(said):
    return said.type == "error" and not said.text.startswith("Failed to load resource")


@pytest.fixture
def page(new_window):
    return new_window()


def kept_draft(message):
    reflection = Reflection.objects.filter(message=message).first()
    return entries.draft_of(reflection)["text"] if reflection else None


def write(page, text=TEXT):
    page.locator("textarea").press_sequentially(text)


def leave_the_field(page):
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.locator("textarea").blur()
    return sent.value


def kept_here(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('writing:')).length")


def test_it_is_kept_when_the_field_is_left_and_says_how_long_ago(page, message):
    write(page)
    assert page.locator("#saved").inner_text() == "Gemmes, mens du skriver"
    assert kept_here(page) == 1

    leave_the_field(page)

    page.get_by_text("Gemt for 3 sekunder siden").wait_for()
    assert kept_draft(message) == TEXT
    assert kept_here(page) == 0


def test_it_is_kept_within_ten_seconds_of_typing(page, message):
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=12_000):
        write(page)

    assert kept_draft(message) == TEXT


def test_closing_the_page_keeps_it(page, message):
    write(page)
    page.goto("/logbog/")

    assert wait_until(lambda: kept_draft(message) == TEXT, seconds=5)


def test_done_right_after_the_last_letter_saves_once_without_a_conflict(page, message):
    write(page)
    page.locator("button.button-primary").click()
    page.wait_for_url("**/logbog/*/")

    assert Reflection.objects.get(message=message).state == "saved"
    assert kept_here(page) == 0


def test_a_lost_connection_loses_nothing(page, message):
    page.route("**/skriv/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)
    page.locator("textarea").blur()
    page.get_by_text("Ingen forbindelse.").first.wait_for()
    assert kept_draft(message) is None

    page.reload()
    assert page.locator("textarea").input_value() == TEXT
    page.get_by_text("Her er det, du skrev, da forbindelsen røg.").first.wait_for()

    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=12_000):
        page.unroute_all()
    assert kept_draft(message) == TEXT


def test_a_lost_session_loses_nothing(page, message):
    write(page)
    page.context.clear_cookies()
    assert leave_the_field(page).status in (401, 403)
    page.get_by_text("Du er blevet logget ud.").first.wait_for()

    page.goto(f"/skriv/{message.pk}/")
    sign_in(page, message.person.email)
    page.wait_for_url("**/skriv/**")
    assert page.locator("textarea").input_value() == TEXT


def test_signing_out_leaves_no_text_in_the_browser(page, message):
    page.route("**/skriv/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)
    assert kept_here(page) == 1

    page.locator("form[action$='/logout/'] button").click()
    page.wait_for_url("**/konto/**")

    assert kept_here(page) == 0


def test_two_devices_show_both_texts(page, message, new_window):
    other = new_window()
    write(other, "På computeren.")
    leave_the_field(other)

    write(page, "På telefonen.")
    assert leave_the_field(page).status == 409
    page.locator("button.button-primary").click()

    page.locator("p.entry", has_text="På computeren.").wait_for()
    assert page.locator("textarea").input_value() == "På telefonen."
    page.locator("button.button-primary").click()
    page.wait_for_url("**/logbog/*/")
    reflection = Reflection.objects.get(message=message)
    assert entries.fields_of(reflection)["text"] == "På telefonen."
    assert [entries.earlier(one)["text"] for one in reflection.revisions.all()] == ["På computeren."]


def test_the_sentence_about_readers_follows_the_choice_and_never_says_less(page):
    sentence = page.locator("#readers .who span")
    page.get_by_text("Del med andre").click()
    page.get_by_label("Min læringsgruppe", exact=True).check()
    assert sentence.inner_text() == "Din læringsgruppe kan læse dette."

    write(page)
    page.locator("button.button-primary").click()
    page.wait_for_url("**/logbog/*/")
    page.get_by_role("link", name="Ret", exact=True).click()
    page.get_by_text("Del med andre").click()
    page.get_by_label("Kun mig").check()
    assert sentence.inner_text() == "Din læringsgruppe kan læse dette."
