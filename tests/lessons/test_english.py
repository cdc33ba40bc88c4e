import pytest

from lessons.english import English, confirm, english_of, note_changes
from lessons.models import LessonPage, LessonPrompt

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson(page):
    return LessonPage.objects.get(key="a1-1")


def test_what_came_from_a_folder_is_current(page):
    states = {english_of(own) for own in page.get_descendants(inclusive=True).specific()}
    assert states == {English.CURRENT}


def test_a_danish_change_makes_the_english_outdated(lesson):
    lesson.body_da += " Ny sætning."
    note_changes(lesson)
    assert english_of(lesson) is English.OUTDATED


def test_a_mended_typo_is_confirmed_and_current_again(lesson):
    lesson.body_da += " Ny sætning."
    note_changes(lesson)
    confirm(lesson)
    assert english_of(lesson) is English.CURRENT


def test_whoever_changes_the_english_has_seen_the_danish(lesson):
    lesson.body_da += " Ny sætning."
    lesson.body_en += " New sentence."
    note_changes(lesson)
    assert english_of(lesson) is English.CURRENT


def test_english_that_is_not_there_is_missing(lesson):
    lesson.body_en = ""
    assert english_of(lesson) is English.MISSING


def test_a_changed_prompt_flags_the_page_it_stands_on(lesson):
    LessonPrompt.objects.filter(key="p-a1-decisions").update(text_da="Hvilken beslutning er flyttet væk fra dig?")
    assert english_of(LessonPage.objects.get(pk=lesson.pk)) is English.OUTDATED


def test_a_line_end_from_a_browser_is_no_change(lesson):
    lesson.body_da = lesson.body_da.replace("\n", "\r\n")
    assert english_of(lesson) is English.CURRENT
