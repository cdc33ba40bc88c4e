"""A word explained in place, and the places of a text."""

from lessons.markdown import render
from lessons.minutes import least_minutes, promising_too_little, reading_minutes
from lessons.reading import reading_of, split_at, split_try

TERM = "KLE er et nummer. Brug KLE.\n\n*[KLE]: Kommunernes <b>emner</b> & “tal”"


def test_a_term_opens_without_script_and_is_explained_once():
    html = render(TERM, "da")

    assert html.count('<button type="button" class="term" popovertarget="term-') == 2
    assert html.count("<span") == 1
    assert "Kommunernes &lt;b&gt;emner&lt;/b&gt; &amp; “tal”</span>" in html
    name = html.partition('popovertarget="')[2].partition('"')[0]
    assert html.count(f'popovertarget="{name}"') == 2
    assert html.count(f' popover id="{name}"') == 1


def test_an_author_cannot_write_a_button():
    assert "<button" not in render('<button popovertarget="x">x</button> <abbr title="y">z</abbr>', "da")


def test_definitions_at_the_end_leave_the_last_paragraph_the_one_to_try():
    text, tried = split_try("Om KLE.\n\n**Prøv det:** Slå et KLE op.\n\n*[KLE]: Et nummer")

    assert text == "Om KLE.\n\n*[KLE]: Et nummer"
    assert tried == "Slå et KLE op.\n\n*[KLE]: Et nummer"
    names = [render(part, "da").partition(' id="')[2].partition('"')[0] for part in (text, tried)]
    assert len(set(names)) == 2


def test_places_are_counted_alike_in_both_languages(programme):
    lesson = programme.lesson("b2-1")
    danish, english = (reading_of(lesson, programme, language).body for language in ("da", "en"))

    for body in (danish, english):
        assert [f'id="p{number}"' in body for number in (1, 2, 3, 4)] == [True, True, True, False]


def test_a_text_is_cut_where_it_was_left_and_nowhere_else():
    html = render("Første.\n\n- a\n- b\n\nTredje.", "da", places=True)

    before, after = split_at(html, 2)
    assert (before + after, after.startswith('<ul id="p2">')) == (html, True)
    for nowhere in (None, 1, 4, 999):
        assert split_at(html, nowhere) == (html, "")


def test_an_anchor_cannot_be_written_by_an_author():
    assert "id=" not in render('<p id="p2">x</p>\n\ny', "da")


def test_minutes_come_from_the_words_and_the_questions(programme):
    assert [reading_minutes("ord " * count) for count in (0, 180, 181)] == [1, 1, 2]

    lesson = programme.lesson("b2-1")  # about 200 words and two questions
    assert least_minutes(lesson, programme, "da") == 2 + 5 + 5


def test_a_lesson_that_promises_too_little_is_told_and_its_reader_gets_the_honest_number(programme):
    assert promising_too_little(programme) == []
    hasty = programme.lesson("b2-1").model_copy(update={"minutes": 5})
    module = programme.module_of("b2-1").model_copy(update={"lessons": (hasty,)})
    track = programme.track_of("b2").model_copy(update={"modules": (module,)})
    shorter = programme.model_copy(update={"tracks": (track,)})

    assert promising_too_little(shorter) == [(hasty, 12)]
    reading = reading_of(hasty, shorter, "da")
    assert (reading.reading_minutes, reading.minutes) == (2, 12)


def test_the_three_minutes_are_read_in_both_languages(programme):
    lesson = programme.lesson("a2-1")

    assert "<strong>se efter</strong>" in reading_of(lesson, programme, "da").short
    assert "<strong>look closely</strong>" in reading_of(lesson, programme, "en").short
    assert reading_of(programme.lesson("a1-1"), programme, "da").short == ""
