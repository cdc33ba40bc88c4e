"""Nothing typed is lost: kept while it is written, through a lost connection, a lost session and a second device."""

from datetime import timedelta

import pytest
from _processes import wait_until
from django.utils import timezone

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries
from tests.browser.conftest import IMPATIENT, PATIENT, session_cookie, sign_in
from tests.factories import EnrolmentFactory, MessageFactory

TEXT = "Nattevagten havde selv rettet i udkastet."
UNSAID = ["Trykket, og ingen tager imod.", "Skrevet, og ikke trykket."]
AT_A_MEETING = """([tapped, typed]) => {
  const place = "/gruppe/moede/b408bf98-8ae3-46dc-8cd7-3d2d538710f7/";
  const tap = { to: `${place}tryk/`, body: String(new URLSearchParams({ do: "note", text: tapped })), at: Date.now() };
  const keep = (name, list) => localStorage.setItem(`meeting:${document.body.dataset.person}:${place}:${name}`, list);
  keep("taps", JSON.stringify([tap]));
  keep("texts", JSON.stringify([["note", typed]]));
}"""


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
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, base_url=site.url, locale="da", service_workers="block"
        )
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
    return entries.draft_of(reflection).get("text") if reflection else None  # begun, and not yet written in


def write(page, text=TEXT):
    page.locator("textarea").press_sequentially(text)


def leave_the_field(page):
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        page.locator("textarea").blur()
    return sent.value


def kept_here(page):
    return page.evaluate("keptTexts.all().then((texts) => texts.length)")


def soon(page, number):
    return wait_until(lambda: kept_here(page) == number, seconds=2)


def test_it_is_kept_when_the_field_is_left_and_says_how_long_ago(page, message):
    write(page)
    assert page.locator("#saved").inner_text() == "Gemmes, mens du skriver"
    assert soon(page, 1)

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
    assert soon(page, 0)


def test_a_lost_connection_loses_nothing(page, message):
    page.route("**/skriv/**", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)
    page.locator("textarea").blur()
    page.get_by_text("Gemt på telefonen, sendes når du er på nettet.").first.wait_for()
    assert kept_draft(message) is None

    page.reload()
    assert page.locator("textarea").input_value() == TEXT
    page.get_by_text("Her er det, du skrev, da forbindelsen røg.").first.wait_for()

    page.unroute_all()
    assert wait_until(lambda: kept_draft(message) == TEXT, seconds=12)


def test_a_lost_session_loses_nothing(page, message):
    write(page)
    page.context.clear_cookies()
    assert leave_the_field(page).status in (401, 403)
    page.get_by_text("Du er blevet logget ud.").first.wait_for()

    page.goto(f"/skriv/{message.pk}/")
    sign_in(page, message.person.email)
    page.wait_for_url("**/skriv/**")
    assert page.locator("textarea").input_value() == TEXT


def test_an_answer_that_is_lost_on_the_way_back_is_no_second_device(page, message):
    page.route("**/skriv/*-*/", lose_the_answer)
    write(page, "Første linje.")
    page.locator("textarea").blur()
    page.get_by_text("Gemt på telefonen").first.wait_for()
    assert kept_draft(message) == "Første linje."

    page.unroute_all()
    write(page, " Anden linje.")
    page.locator("button.button-primary").click()
    page.wait_for_url("**/logbog/*/")

    assert entries.fields_of(Reflection.objects.get(message=message))["text"] == "Første linje. Anden linje."
    assert Reflection.objects.get(message=message).revisions.count() == 0


def lose_the_answer(route):
    if route.request.method != "POST":
        return route.continue_()
    route.fetch()
    return route.abort()


def test_done_after_the_sitting_ended_is_saved_once_one_has_signed_in(page, message):
    write(page)
    page.context.clear_cookies()
    page.locator("button.button-primary").click()
    page.get_by_text("Du er blevet logget ud.").first.wait_for()
    assert not Reflection.objects.filter(message=message).exists()

    page.goto(f"/skriv/{message.pk}/")
    sign_in(page, message.person.email)
    page.wait_for_url("**/logbog/*/")
    assert TEXT in page.locator("main").inner_text()
    assert Reflection.objects.get(message=message).state == "saved"


def test_a_long_dictation_grows_the_field_and_is_kept_whole(page, message):
    long = "Så sagde hun noget, jeg ikke havde ventet. " * 230
    before = page.locator("textarea").bounding_box()["height"]
    page.locator("textarea").fill(long[:10_000])
    assert page.locator("textarea").bounding_box()["height"] > 5 * before
    page.goto("/logbog/")

    assert wait_until(lambda: kept_draft(message) == long[:10_000].strip(), seconds=5)


def test_signing_out_leaves_no_text_in_the_browser_and_loses_none(page, message):
    page.route("**/skriv/*-*/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)
    assert soon(page, 1)
    page.evaluate(AT_A_MEETING, UNSAID)
    page.route("**/skriv/hvem/", lambda route: route.abort())  # for one request there is no network
    page.locator("form[action$='/logout/'] button").click()
    page.locator("#on-phone", has_text="Gemt på telefonen").wait_for()
    page.unroute_all()
    page.locator("form[action$='/logout/'] button").click()
    page.wait_for_url("**/konto/**")

    page.add_script_tag(url="/static/js/kept_texts.js")
    assert kept_here(page) == 0
    assert page.evaluate("localStorage.length") == 0
    assert kept_draft(message) == TEXT
    drafts = Reflection.objects.by(message.person).filter(message=None)
    assert sorted(entries.draft_of(one)["text"] for one in drafts) == sorted(UNSAID)


def test_signing_out_keeps_what_the_server_cannot_take_now_and_what_a_lost_session_has_left(page, message):
    page.evaluate(IMPATIENT)
    page.route("**/skriv/*-*/", lambda route: None if is_post(route) else route.continue_())  # the network hangs
    write(page)
    page.locator("textarea").blur()
    page.locator("#saved", has_text="Gemt på telefonen").wait_for()
    page.evaluate(PATIENT)
    page.unroute_all()
    page.route("**/skriv/*-*/", lambda route: route.fulfill(status=502) if is_post(route) else route.continue_())
    page.locator("form[action$='/logout/'] button").click()
    page.locator("#on-phone", has_text="Gemt på telefonen, sendes når du er på nettet.").wait_for()
    page.unroute_all()
    page.route(
        "**/skriv/*-*/", lambda route: route.fulfill(body="<p>Vent</p>") if is_post(route) else route.continue_()
    )
    page.locator("#on-phone").evaluate("(notice) => { notice.hidden = true }")
    page.locator("form[action$='/logout/'] button").click()  # what is no answer to it takes nothing away either
    page.locator("#on-phone").wait_for()

    page.unroute_all()
    page.context.clear_cookies()
    page.locator("form[action$='/logout/'] button").click()
    page.wait_for_url("**/konto/**")
    page.goto(f"/skriv/{message.pk}/")
    sign_in(page, message.person.email)
    page.wait_for_url("**/skriv/**")
    page.get_by_text("Her er det, du skrev").first.wait_for()
    assert page.locator("textarea").input_value() == TEXT


def is_post(route):
    return route.request.method == "POST"


def test_who_has_signed_in_again_in_another_window_goes_on_writing(page, message, site):
    page.context.clear_cookies()  # and with the sitting the token that this page has
    page.context.add_cookies([session_cookie(message.person, site.url)])

    write(page)
    page.locator("button.button-primary").click()
    page.wait_for_url("**/logbog/*/")
    assert Reflection.objects.get(message=message).state == "saved"


def test_who_signs_in_after_somebody_elses_sitting_ended_finds_nothing(page, message, site):
    page.route("**/skriv/*-*/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    write(page)
    assert soon(page, 1)
    page.context.clear_cookies()
    other = EnrolmentFactory(cohort=message.enrolment.cohort).person
    page.context.add_cookies([session_cookie(other, site.url)])
    page.unroute_all()

    page.goto("/skriv/")

    assert soon(page, 0)
    assert page.locator("textarea").input_value() == ""
    assert not Reflection.objects.by(other).exists()


@pytest.mark.parametrize(
    ("choice", "stands"),
    [("Behold min", "På telefonen."), ("Behold begge", "På computeren.\n\nPå telefonen.")],
)
def test_of_two_devices_texts_the_person_chooses(page, message, new_window, choice, stands):
    other = new_window()
    write(other, "På computeren.")
    leave_the_field(other)

    write(page, "På telefonen.")
    assert leave_the_field(page).status == 409
    page.locator("button.button-primary").click()

    page.locator("p.entry", has_text="På computeren.").wait_for()
    assert page.locator("textarea").input_value() == "På telefonen."
    with page.expect_navigation():
        page.get_by_role("button", name=choice).click()
    assert wait_until(lambda: kept_draft(message) == stands, seconds=5)
    history = {entries.earlier(one)["text"] for one in Reflection.objects.get(message=message).revisions.all()}
    assert {*history, stands} >= {"På telefonen."}
    assert "På computeren." in history or "På computeren." in stands


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
