import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from lessons.models import LessonPage
from lessons.pages import preview_context
from lessons.reading import split_try
from lessons.shape import Text


@pytest.fixture(autouse=True)
def own_question(settings):
    """A participant's page with its own way to ask."""
    engine = settings.TEMPLATES[0]
    loaders = [
        ("django.template.loaders.locmem.Loader", {"components/own_question.html": "[{{ question.prompt.key }}]"}),
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]


def shown(programme, key="a2-1", language="da", **extra):
    context = {"lesson": programme.lesson(key), "programme": programme, "language": language} | extra
    with translation.override(language):
        return render_to_string("lessons/lesson.html", context)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["da", "en"])
def test_the_authors_preview_and_the_participants_page_are_the_same(page, programme, language):
    for lesson in LessonPage.objects.all():
        with translation.override(language):
            preview = render_to_string("lessons/lesson.html", preview_context(lesson, language))
        assert preview == shown(programme, lesson.key, language)


@pytest.mark.django_db
def test_a_draft_is_previewed_as_written(page):
    lesson = LessonPage.objects.get(key="a2-1")
    lesson.body_da = "Helt nyt.\n\n**Prøv det:** Tæl til ti."
    lesson.exercises.all()[0].title_da = "Ny øvelse"
    assert '<p id="p1">Helt nyt.</p>' in render_to_string("lessons/lesson.html", preview_context(lesson, "da"))


def test_aims_come_first_and_the_question_last(programme):
    html = shown(programme)
    order = [
        html.index(words)
        for words in (
            "Du kan forklare de tre",
            "Digital forestillingsevne er",
            "Vælg en opgave fra",
            "Beskriv en tirsdag",
        )
    ]
    assert order == sorted(order)


def test_what_the_text_says_to_try_stands_with_its_exercise(programme):
    html = shown(programme)
    box = re.search(r'<section class="try">.*?</section>', html, re.DOTALL).group()
    assert "En tirsdag om tre år" in box
    assert "Vælg en opgave, der fylder meget og glæder få." in box
    assert box.count("<li>") == 4
    assert "Prøv det:" not in html


def test_only_prompts_are_questions_here(programme):
    html = shown(programme, "b3-1")
    assert programme.prompt("p-group-follow").text.da in html
    assert programme.prompt("p-group-prep").text.da not in html


def test_a_page_may_show_the_question_its_own_way(programme):
    html = shown(programme, prompt_template="components/own_question.html")
    assert "[p-a2-tuesday]" in html
    assert "A question for you" not in html


def test_missing_english_is_shown_in_danish_and_marked_so(programme):
    lesson = programme.lesson("a2-1")
    danish_only = lesson.model_copy(update={"body": Text(da=lesson.body.da)})
    with translation.override("en"):
        html = render_to_string(
            "lessons/lesson.html", {"lesson": danish_only, "programme": programme, "language": "en"}
        )
    assert "This lesson is only in Danish so far." in html
    assert '<div class="lesson-text" lang="da">' in html
    assert "<h1>What is digital imagination?</h1>" in html
    assert "This lesson is only in Danish" not in shown(programme, language="en")


def test_the_policy_against_inline_code_holds(programme):
    for lesson in programme.lessons:
        html = shown(programme, lesson.key)
        assert not re.search(r"<script|\sstyle=|\son\w+=|hx-on", html)


def test_the_last_paragraph_is_what_to_try_only_when_it_says_so():
    assert split_try("A.\n\n**Prøv det:** B.") == ("A.", "B.")
    assert split_try("A.\n\n**Prøv det:** B.\n\nC.") == ("A.\n\n**Prøv det:** B.\n\nC.", "")
    assert split_try("A.") == ("A.", "")


def test_reading_a_lesson_asks_the_database_nothing(programme, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        shown(programme)
