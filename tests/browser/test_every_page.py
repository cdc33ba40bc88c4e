"""Every page of the table of doors, as somebody who may open it: no axe violation, nothing wider than the window."""

from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from courseplatform.cohorts.models import GroupMeeting
from tests.browser.accessibility import ABOUT_COLOURS, assert_big_enough, assert_fits, assert_no_axe_violations
from tests.browser.conftest import DESK, PHONE, listen, open_context, session_cookie
from tests.doors import DOORS, ROLES, World, address

A_TUESDAY = datetime(2026, 10, 27, 11, tzinfo=UTC)
NO_PAGES = {
    "write-as",
    "service-worker",
    "manifest",
    "healthz",
    "readyz",
    "metrics",
    "workshop-calendar",
    "calendar-feed",
    "picture",
    "demo-mail-html",
    "cohort-messages-file",
    "cohort-message-html",
}
PAGES = [name for name, door in DOORS.items() if not door.changes and door.opens_for and name not in NO_PAGES]


@pytest.fixture(scope="module")
def world(site):
    world = World()
    site.travel_to(A_TUESDAY)
    return world


def visitor(name, world, language):
    """The first who may open that door, reading in that language."""
    role = next(role for role in ROLES if role in DOORS[name].opens_for)
    person = getattr(world, role)
    if person:
        person.language = language
        person.save(update_fields=["language"])
    return person


@pytest.fixture(scope="module")
def windows(browser, site, world):
    """One for each language, and what its pages complain of: a window of its own costs more than most pages."""
    opened = {language: open_context(browser, site, language=language) for language in ("da", "en")}
    yield {language: in_window(context) for language, context in opened.items()}
    for context in opened.values():
        context.close()


def in_window(context):
    context.add_init_script(AXE_SCRIPT)  # it is half a megabyte
    page, complaints = context.new_page(), []
    page.set_default_timeout(10_000)
    listen(page, complaints)
    return page, complaints


@pytest.fixture
def visit(windows, site):
    """Opens a page as that person, on a phone. What the page complains of fails the test."""

    def open_page(path, *, language, person):
        page, _complaints = windows[language]
        page.context.clear_cookies()
        if person:
            page.context.add_cookies([session_cookie(person, site.url)])
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        return page, page.goto(path)

    yield open_page
    for _page, complaints in windows.values():
        heard = [complaints.pop() for _ in range(len(complaints))]
        assert heard == [], site.children.last_words("web")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_for_everybody(name, language, world, visit):
    page, response = visit(address(name, DOORS[name], world), language=language, person=visitor(name, world, language))

    assert response.status == 200
    assert page.locator("html").get_attribute("lang") == language
    assert_fits(page)
    assert_no_axe_violations(page)
    if language == "da" and {"owner", "peer", "substitute"} & DOORS[name].opens_for:
        assert_big_enough(page)
    if language == "da":  # neither the dark colours nor the wide layout change with the words; the width does
        assert_no_axe_violations(page, scheme="dark", rules=ABOUT_COLOURS)
        widen(page)
        assert_no_axe_violations(page)
    else:
        widen(page)


def widen(page):
    """The same page on a desk: whatever it holds, it does not scroll sideways there either."""
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert_fits(page)


PRESSES = """(form) => [1, 2].map(() => {
  const press = new SubmitEvent("submit", { cancelable: true, bubbles: true });
  return form.dispatchEvent(press);
})"""


def test_a_form_is_sent_once_however_often_its_button_is_tapped(world, visit):
    page, _response = visit("/hold/nyt/", language="da", person=world.hr)

    assert page.locator("main form").evaluate(PRESSES) == [True, False]


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_page_that_is_not_there_says_what_to_do(language, world, browser, site):
    page = browser.new_page(base_url=site.url, locale=language)
    response = page.goto("/findes/ikke/")

    assert response.status == 404
    assert page.locator("main a").count() >= 1
    for scheme in ("light", "dark"):
        assert_no_axe_violations(page, scheme)
    page.close()


ENTER, DOWN = "Enter", "ArrowDown"
# The ten main journeys of a manager: who, where it begins, what is reached and pressed there, and what it says then.
WORDS, WRITE, SHARE = "Stilheden hjalp.", "#writing textarea", "form[action$='/del/'] button"
JOURNEYS = {
    "answer the question of I dag": (
        "owner", "home", [(".next-thing .button-primary", ENTER), (WRITE, WORDS), ("#writing .button-primary", ENTER)],
        WORDS),
    "share": (
        "owner", "reflection", [("input[name=visibility]:checked", DOWN), (SHARE, ENTER)],
        "Din læringsgruppe kan læse dette."),
    "read": ("owner", "lesson", [("button[value=done]", ENTER)], "Du læste den"),
    "plan an experiment": ("owner", "experiment-step", [(".kept-form .button-primary", ENTER)], "Begynder"),
    "take a learning point back": ("owner", "insight", [(SHARE, ENTER)], "Kun du kan læse dette."),
    "ask a peer": (
        "peer", "peer-ask", [("main textarea", "Hvad så du?"), ("button[value=question]", ENTER)],
        "Dit spørgsmål står ved teksten."),
    "run a meeting": ("owner", "meeting", [(".go .button-primary", ENTER)], "Fremlæggelse"),
    "send a colleague": ("owner", "workshop", [("a[href$='/kollega/']", ENTER)], "Hvem kommer i stedet for dig?"),
    "turn up": (
        "owner", "arrive", [("main input[name=code]", "ABC234"), ("main .button-primary", ENTER)],
        "Den kode gælder ikke"),
    "take a break": ("owner", "me", [("#pause button", ENTER)], "Du har pause til og med"),
}  # fmt: skip


@pytest.mark.parametrize("journey", JOURNEYS)
def test_each_main_journey_is_walked_with_the_keyboard_alone(journey, world, visit):
    role, door, presses, said = JOURNEYS[journey]
    with apart(world) if door == "home" else nullcontext():
        page, _response = visit(
            address(door, DOORS[door], world), language="da", person=in_danish(getattr(world, role))
        )
    page.keyboard.press("Tab")  # past the menu
    page.keyboard.press(ENTER)
    for place, keys in presses:
        reach(page, place)
        page.keyboard.press(keys) if keys in (ENTER, DOWN) else page.keyboard.insert_text(keys)
    page.get_by_text(said).first.wait_for()


@contextmanager
def apart(world):
    """The group's meeting is over: I dag leads there as long as it is on."""
    meetings = GroupMeeting.objects.filter(pk=world.table.pk)
    meetings.update(ends_at=A_TUESDAY)
    yield
    meetings.update(ends_at=world.table.ends_at)


def in_danish(person):
    person.language = "da"
    person.save(update_fields=["language"])
    return person


FOCUS = """(place) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return [document.activeElement.matches(place), outlineStyle !== "none" && outlineWidth !== "0px"];
}"""


def reach(page, place):
    """By the tabulator; and who looks can see where one is."""
    page.locator(place).first.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        is_there, is_seen = page.evaluate(FOCUS, place)
        if is_there:
            assert is_seen, f"{place} on {page.url} does not show that it has the focus"
            return
    pytest.fail(f"{place} on {page.url} is not reached with the keyboard")
