import pytest

from lessons.folder import from_folder, to_folder
from lessons.problems import FolderError
from tests.factories import DEMO_FOLDER

LESSON = "lessons/a1-1-digitalisering-i-ledelsesrummet.da.md"
TWIN = "lessons/a1-1-digitalisering-i-ledelsesrummet.en.md"
PROMPT = "{id: p-a1-decisions, class: prompt, anchor: "


def problems(folder):
    with pytest.raises(FolderError) as caught:
        from_folder(folder)
    return [(problem.file, problem.line, problem.sentence) for problem in caught.value.problems]


def line_of(folder, name, text):
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_the_demo_programme_is_read_whole(programme):
    assert [track.key for track in programme.tracks] == ["competence", "action-learning", "organisational-support"]
    assert len(programme.modules) == 14
    assert len(programme.lessons) == 17
    assert len(programme.prompts) == 36
    assert [survey.key for survey in programme.surveys] == ["pre-study", "end-evaluation", "follow-up"]
    assert [len(survey.items) for survey in programme.surveys] == [9, 10, 5]
    assert len(programme.assessment.dimensions) == 8
    assert programme.praksishack.agenda[0].at.isoformat() == "09:00:00"
    assert programme.lesson("a2-2").exercises == ("ex-taken-for-granted", "ex-stranger", "ex-premortem")
    assert [area.name for area in programme.assessment.digcomp_areas][3] == "Safety"
    assert programme.calendar.send_window[4].closes.isoformat() == "13:00:00"


def test_lesson_files_come_back_byte_for_byte(programme, tmp_path):
    to_folder(programme, tmp_path)

    originals = sorted((DEMO_FOLDER / "lessons").iterdir())
    assert [path.name for path in sorted((tmp_path / "lessons").iterdir())] == [path.name for path in originals]
    for original in originals:
        assert (tmp_path / "lessons" / original.name).read_bytes() == original.read_bytes()


def test_a_folder_written_is_the_same_programme_and_the_same_bytes(programme, tmp_path):
    to_folder(programme, tmp_path / "one")
    again = from_folder(tmp_path / "one")
    to_folder(again, tmp_path / "two")

    assert again == programme
    written = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(written) == 35
    for path in written:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_three_minutes_may_be_in_one_language_and_in_none(folder, edit):
    edit(TWIN, "prompts:", "short: Only in English.\nprompts:")
    assert problems(folder) == [(TWIN, line_of(folder, TWIN, "short:"), "“da” is missing.")]

    edit(LESSON, "prompts:", "short: Kun det vigtigste.\nprompts:")
    edit(TWIN, "short: Only in English.\n", "")
    short = from_folder(folder).lesson("a1-1").short

    assert (short.da, short.en) == ("Kun det vigtigste.", None)


def test_a_lesson_without_them_leaves_no_trace_of_them_in_its_version(programme):
    assert "short" not in programme.lesson("a1-1").model_dump(mode="json")


def test_writing_removes_the_files_of_lessons_that_are_gone(programme, tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "z9-gone.da.md").write_text("---\n---\n")
    to_folder(programme, tmp_path)
    assert not (tmp_path / "lessons" / "z9-gone.da.md").exists()


def test_english_may_be_missing_when_no_twin_is_named(folder, edit):
    edit(LESSON, "twin: a1-1-digitalisering-i-ledelsesrummet.en.md\n", "")
    (folder / TWIN).unlink()

    lesson = from_folder(folder).lesson("a1-1")

    assert lesson.body.en is None
    assert lesson.title.read("en") == ("Digitalisering hører til i ledelsesrummet", "da")


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "sentence"),
    [
        (
            "programme.yaml",
            "length_weeks: 40",
            "length_weks: 40",
            "length_weks",
            "“length_weks” is not a key of this format.",
        ),
        (
            "programme.yaml",
            "week: 8\n    weekday: wed",
            "week: 40\n    weekday: wed",
            "week: 40",
            "Week 40 lies outside the programme's 40 weeks (0–39).",
        ),
        (
            "programme.yaml",
            "{id: a2, track: competence, order: 2,",
            "{id: a2, track: competence, order: 1,",
            "{id: a2, track",
            "Order 1 is already taken.",
        ),
        (
            "programme.yaml",
            "{id: g2, week: 11",
            "{id: g1, week: 11",
            "{id: g1, week: 11",
            "“g1” is already the id of another one.",
        ),
        (
            "programme.yaml",
            PROMPT + '"module_open:a1"',
            PROMPT + '"module_open:a9"',
            PROMPT,
            "There is no “module_open:a9” to count from.",
        ),
        (
            "programme.yaml",
            "offset: {days: -21}",
            "offset: {days: -29}",
            "p-pre-survey, class",
            "Nobody is written to more than 28 days before the start.",
        ),
        (
            "programme.yaml",
            "offset: {days: -21}",
            "offset: {days: 201}",
            "p-pre-survey, class",
            "“days” is 201; 200 is the most.",
        ),
        (
            "programme.yaml",
            "offset: {days: -21}",
            "offset: {days: -21, workdays: 2}",
            "p-pre-survey, class",
            "Write either days or workdays.",
        ),
        (
            "programme.yaml",
            "opens: sponsor:mid",
            "opens: sponsor:never",
            "sponsor:never",
            "There is no “sponsor:never” to open.",
        ),
        (
            "programme.yaml",
            "{id: r1, start_week: 5, end_week: 11",
            "{id: r1, start_week: 5, end_week: 4",
            "{id: r1",
            "It ends before it starts.",
        ),
        (
            "programme.yaml",
            "{id: role-map, module: c1",
            "{id: role-map, module: c9",
            "{id: role-map",
            "There is no “c9” to refer to.",
        ),
        (
            LESSON,
            "focus_area: organisational-coherence",
            "focus_area: magic",
            "focus_area",
            "There is no “magic” to refer to.",
        ),
        (LESSON, "- p-a1-decisions", "- p-nobody", "- p-nobody", "There is no “p-nobody” to refer to."),
        (LESSON, "minutes: 25", "minutes: 4", "minutes", "“minutes” is 4; at least 5 is needed."),
        (LESSON, "order: 1", "colour: red\norder: 1", "colour", "“colour” is not a key of this format."),
        (
            LESSON,
            "title: Digitalisering",
            "title: nu: Digitalisering",
            "title:",
            "This is not valid YAML: mapping values are not allowed here.",
        ),
    ],
)
def test_a_mistake_is_told_by_file_and_line(folder, edit, name, old, new, at, sentence):
    edit(name, old, new)
    expected = line_of(folder, name, at)

    found = problems(folder)

    assert (name, expected, sentence) in found


def test_twins_must_agree(folder, edit):
    edit(TWIN, "minutes: 25", "minutes: 20")
    assert problems(folder) == [(TWIN, line_of(folder, TWIN, "minutes"), "“minutes” differs from the Danish file.")]


def test_a_missing_twin_is_told(folder):
    (folder / TWIN).unlink()
    sentence = "The twin a1-1-digitalisering-i-ledelsesrummet.en.md does not exist."
    assert problems(folder) == [(LESSON, line_of(folder, LESSON, "twin"), sentence)]


def test_a_lesson_without_a_file_is_told(folder):
    for path in (LESSON, TWIN):
        (folder / path).unlink()
    line = line_of(folder, "programme.yaml", "{id: a1, track")
    assert ("programme.yaml", line, "There is no file for lesson “a1-1”.") in problems(folder)


def test_a_prompt_in_two_lessons_is_told(folder, edit):
    for language in ("da", "en"):
        edit(f"lessons/a1-2-mod-til-at-spoerge.{language}.md", "- p-a1-courage", "- p-a1-decisions")
    name = "lessons/a1-2-mod-til-at-spoerge.da.md"
    line = line_of(folder, name, "- p-a1-decisions")
    assert problems(folder) == [(name, line, "“p-a1-decisions” stands in another lesson too.")]


def test_a_file_that_is_not_utf8_is_told_by_line(folder):
    data = (folder / LESSON).read_bytes()
    (folder / LESSON).write_bytes(data.replace("hører".encode(), "hører".encode("cp1252")))
    told = [problem for problem in problems(folder) if problem[0] == LESSON]
    assert told == [(LESSON, 7, "The file is not UTF-8. Save it as UTF-8 and try again.")]


def test_a_lesson_without_front_matter_is_told(folder):
    (folder / LESSON).write_text("Hej\n", encoding="utf-8")
    sentence = "A lesson begins with front matter between two lines of three dashes."
    assert (LESSON, 1, sentence) in problems(folder)


def test_a_picture_without_words_is_told_on_its_line(folder, edit):
    edit(LESSON, "Som leder behøver", "![](image:tavle)\n\nSom leder behøver")
    sentence = "A picture needs words for those who cannot see it: ![words](image:key)."
    assert problems(folder) == [(LESSON, line_of(folder, LESSON, "![]"), sentence)]


def test_a_picture_from_elsewhere_is_told(folder, edit):
    edit(LESSON, "Som leder behøver", "![En tavle](https://billeder.example/a.png)\n\nSom leder behøver")
    assert [sentence for *_place, sentence in problems(folder)] == [
        "Pictures come from the library: ![words](image:key)."
    ]


def test_all_mistakes_are_told_in_one_go(folder, edit):
    edit("programme.yaml", "length_weeks: 40", "length_weks: 40")
    edit("programme.yaml", "opens: sponsor:mid", "opens: sponsor:never")
    edit(TWIN, "minutes: 25", "minutes: 20")
    edit("lessons/b1-1-undersoegelsesspoergsmaal.da.md", "order: 1", "order: one")

    files = {(file, sentence) for file, _line, sentence in problems(folder)}

    assert {
        ("programme.yaml", "“length_weks” is not a key of this format."),
        ("programme.yaml", "There is no “sponsor:never” to open."),
        (TWIN, "“minutes” differs from the Danish file."),
        ("lessons/b1-1-undersoegelsesspoergsmaal.da.md", "“order” is a whole number."),
    } <= files


def test_an_alias_cannot_blow_a_file_up(folder, edit):
    edit("programme.yaml", "languages: [da, en]", "languages: &x [da, en]\nmore: *x")
    assert "an alias (*) is not used here" in problems(folder)[0][2]


def test_the_shapes_own_names_are_not_accepted_in_a_file(folder, edit):
    edit("programme.yaml", "{id: r1, start_week", "{key: r1, start_week")
    assert {sentence for *_place, sentence in problems(folder)} >= {
        "“key” is not a key of this format.",
        "“id” is missing.",
    }
