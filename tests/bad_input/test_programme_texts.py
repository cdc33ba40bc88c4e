"""MODEL §10, programme data: limits, offsets and a missing English twin; told by file and line in both languages."""

import shutil
from pathlib import Path

import pytest
from django.utils.translation import override

from lessons.folder import from_folder
from lessons.problems import FolderError
from tests.factories import DEMO_FOLDER

FILE = "programme.yaml"
TITLE = 'title: {da: "Digital ledelse i praksis"'
PROMPT = 'da: "Hvad har du tænkt på siden workshoppen uden at planlægge det? Skriv fem linjer."'
OFFSET = "id: p-pre-survey, class: survey, anchor: programme_start, offset: {days: -21}"
SOME = "👩🏽‍🚒"  # one character to a reader


def offset(days):
    return OFFSET.replace("-21", days)


MISTAKES = [
    (TITLE, 'title: {da: "Di"', "2 tegn; der skal være mellem 3 og 120.", "2 letters; between 3 and 120 is needed."),
    (TITLE, f'title: {{da: "{SOME * 121}"', "121 tegn; der skal være mellem 3 og 120.",
     "121 letters; between 3 and 120 is needed."),
    (PROMPT, 'da: "Hvad nu?"', "8 tegn; der skal være mellem 10 og 400.", "8 letters; between 10 and 400 is needed."),
    (PROMPT, f'da: "{SOME * 401}"', "401 tegn; der skal være mellem 10 og 400.",
     "401 letters; between 10 and 400 is needed."),
    (OFFSET, offset("201"), "»days« er 201; højst 200 er tilladt.", "“days” is 201; 200 is the most."),
    (OFFSET, offset("-61"), "»days« er -61; mindst -60 er nødvendigt.", "“days” is -61; at least -60 is needed."),
    (OFFSET, offset("-29"), "Ingen får besked mere end 28 dage før start.",
     "Nobody is written to more than 28 days before the start."),
    (OFFSET, offset("om lidt"), "»days« er »om lidt«; der skal stå et helt tal.",
     "“days” is “om lidt”; a whole number is needed."),
]  # fmt: skip
FITS = [(TITLE, f'title: {{da: "{SOME * 120}"'), (PROMPT, f'da: "{SOME * 400}"'), (OFFSET, offset("-28"))]


@pytest.fixture
def edited(tmp_path):
    """A copy of the demo programme with one text replaced: `edited(old, new)` is (folder, line)."""

    def edit(old, new):
        folder = Path(shutil.copytree(DEMO_FOLDER, tmp_path / "programme"))
        text = (folder / FILE).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (folder / FILE).write_text(text.replace(old, new), encoding="utf-8")
        return folder, text[: text.index(old)].count("\n") + 1

    return edit


@pytest.mark.parametrize(("old", "new", "danish", "english"), MISTAKES)
def test_a_limit_is_told_by_line_in_both_languages(old, new, danish, english, edited):
    folder, line = edited(old, new)
    for language, sentence in (("da", danish), ("en", english)):
        with override(language), pytest.raises(FolderError) as told:
            from_folder(folder)

        assert (FILE, line, sentence) in [tuple(problem) for problem in told.value.problems]
        assert {problem.line for problem in told.value.problems} == {line}


@pytest.mark.parametrize(("old", "new"), FITS)
def test_what_just_fits_is_taken(old, new, edited):
    from_folder(edited(old, new)[0])


def test_a_lesson_without_english_is_shown_in_danish_and_says_so(enter, scene, monkeypatch):
    from courseplatform.cohorts.views import programme as pages
    from lessons.versions import programme

    whole = programme(scene.version.digest).model_copy(deep=True)
    lesson = whole.lesson(scene.lesson)
    for text in (lesson.title, lesson.body):
        object.__setattr__(text, "en", None)
    monkeypatch.setattr(pages, "programme", lambda digest: whole)

    page = enter("owner", "en").get(scene.address("lesson")).content.decode()

    assert "This lesson is only in Danish so far." in page
    assert f'<h1 lang="da">{lesson.title.da}</h1>' in page
