"""A lesson on a phone: go on where one left, a word explained, an exercise step by step, an answer in place."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import LessonProgress
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries
from tests.browser.accessibility import assert_no_axe_violations
from tests.doors import World

A_TUESDAY = datetime(2026, 10, 27, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(site):
    world = World()
    site.travel_to(A_TUESDAY)
    return world


@pytest.fixture
def lesson(world, new_page):
    page = new_page(person=world.owner)

    def open_lesson(key, after=""):
        page.goto(reverse("lesson", args=[world.cohort.pk, key]) + after)
        return page

    open_lesson.page = page
    return open_lesson


def test_reading_goes_on_where_it_was_left_and_a_glance_says_nothing(lesson, world):
    lesson.page.clock.install()
    page = lesson("a2-1")
    page.clock.run_for(5_000)
    page.goto("/")
    assert not LessonProgress.objects.filter(enrolment=world.enrolment, lesson_key="a2-1").exists()

    page = lesson("a2-1")
    with page.expect_response("**/laest/"):
        page.clock.run_for(21_000)
    page.evaluate("document.getElementById('p3').scrollIntoView()")
    with page.expect_response("**/laest/"):
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.goto("/")
    page = lesson("a2-1", "#her")

    assert page.locator("#her").inner_text() == "Her slap du i dag"
    assert page.evaluate("document.getElementById('p3').getBoundingClientRect().top") < 300
    assert_no_axe_violations(page)


def test_a_word_is_explained_with_the_keyboard_alone(lesson):
    page = lesson("b2-1")
    words = page.locator(".term-words").first
    assert not words.is_visible()

    page.locator(".term").first.press("Enter")
    assert words.is_visible()
    assert "Hvordan kan jeg" in words.inner_text()
    assert_no_axe_violations(page)

    page.keyboard.press("Escape")
    assert not words.is_visible()


def test_an_exercise_goes_step_by_step_and_back_to_all(lesson):
    page = lesson("a2-1")
    steps = page.locator("ol.steps > li")
    count = steps.count()
    assert count > 2

    page.get_by_role("button", name="Ét trin ad gangen").click()
    seen = [steps.nth(number).is_visible() for number in range(count)]
    assert seen == [True] + [False] * (count - 1)

    for number in range(2, count + 1):
        page.get_by_role("button", name=f"Næste trin ({number}/{count})").click()
    assert [steps.nth(number).is_visible() for number in range(count)] == [False] * (count - 1) + [True]

    page.get_by_role("button", name="Alle trin").click()
    assert all(steps.nth(number).is_visible() for number in range(count))


def test_an_answer_is_kept_while_it_is_written_in_the_lesson(lesson, world):
    page = lesson("a2-1")
    page.get_by_label("Beskriv en tirsdag om tre år.").fill("Ingen venter på mig.")
    with page.expect_response(lambda answer: "p-a2-tuesday" in answer.url and answer.request.method == "POST"):
        page.keyboard.press("Tab")
    page.locator("#saved.good").wait_for()

    kept = Reflection.objects.get(enrolment=world.enrolment, prompt_key="p-a2-tuesday")
    assert (kept.state, kept.visibility) == ("draft", "private")
    assert entries.draft_of(kept) == {"text": "Ingen venter på mig."}

    page.reload()
    assert page.locator("#writing").count() == 0
    page.get_by_role("link", name="Skriv videre").click()
    assert page.locator("textarea").first.input_value() == "Ingen venter på mig."
