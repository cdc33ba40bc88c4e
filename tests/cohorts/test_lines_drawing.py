"""The drawing itself: links in order, names, room, and nothing that a strict policy forbids."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.cohorts.three_lines.lettering import text_width, wrap
from courseplatform.cohorts.three_lines.lines import View, lines_of
from courseplatform.cohorts.three_lines.small import runs, small
from courseplatform.cohorts.three_lines.wide import NEAR_STOP, place, wide

MONDAY, TUESDAY = date(2026, 8, 31), date(2026, 10, 27)


@pytest.fixture(autouse=True)
def danish():
    with translation.override("da"):
        yield


@pytest.fixture
def dates(programme):
    return resolve(programme, MONDAY, "Europe/Copenhagen")


@pytest.fixture
def view():
    return View(
        today=TUESDAY,
        is_personal=True,
        done={"a1-1"},
        lesson_address=lambda key: f"/l/{key}/",
        workshop_address=lambda event: f"/w/{event.key}/",
        meeting_address=lambda event: "/g/",
    )


def drawing(dates, view):
    return ElementTree.fromstring(wide(lines_of(dates, view)))


def of_class(svg, word):
    return [element for element in svg.iter() if word in element.get("class", "").split()]


def names(svg):
    return [link.get("aria-label") for link in svg.iter("a")]


def shortened(programme, weeks):
    return programme.model_copy(update={"length_weeks": weeks})


def test_every_lesson_workshop_and_meeting_is_a_link_with_a_name(dates, view, programme):
    svg = drawing(dates, view)
    addresses = [link.get("href") for link in svg.iter("a")]

    assert {f"/l/{lesson.key}/" for lesson in programme.lessons} <= set(addresses)
    assert {f"/w/{workshop.key}/" for workshop in programme.workshops} <= set(addresses)
    assert addresses.count("/g/") == 6
    assert all(names(svg))


def test_links_come_in_order_of_date(dates, view):
    svg = drawing(dates, view)
    order = [link.get("href") for link in svg.iter("a")]

    assert order.index("/w/w1/") < order.index("/l/b1-1/") < order.index("/l/a2-1/") < order.index("/w/w2/")
    assert order.index("/w/w2/") < order.index("/l/a2-2/") < order.index("/w/w3/") < order.index("/l/b4-1/")


def test_a_link_says_its_state_in_words(dates, view):
    said = names(drawing(dates, view))

    assert "Digitalisering hører til i ledelsesrummet (læst)" in said
    assert "Hvad er digital forestillingsevne? (åben)" in said
    assert "Hvad egner sig til at blive automatiseret? (åbner 23.\u00a0nov.)" in said
    assert "Læringsgruppemøde 3, uge 2" in said


def test_it_speaks_english_too(dates, view):
    with translation.override("en"):
        said = names(drawing(dates, view))

    assert "What is digital imagination? (open)" in said
    assert "Practice hack, 3\u00a0Mar: A proposal in one day" in said


def test_read_is_filled_open_is_hollow_locked_is_small(dates, view):
    svg = drawing(dates, view)
    radii = {mark.get("class"): mark.get("r") for mark in of_class(svg, "m") if mark.tag == "circle"}

    assert radii == {"m t1 done": "9", "m t1 open": "9", "m t1 locked": "7"}


def test_a_title_cannot_break_out_of_the_drawing(dates, view, programme):
    hostile = programme.model_dump(mode="json")
    hostile["tracks"][0]["modules"][0]["lessons"][0]["title"]["da"] = '"><script>alert(1)</script>'
    hostile["tracks"][0]["modules"][0]["title"]["da"] = "<b>A & B</b>"
    drawn = wide(lines_of(resolve(type(programme).model_validate(hostile), MONDAY, "Europe/Copenhagen"), view))

    assert "<script" not in drawn
    assert "&lt;b&gt;A &amp; B" in drawn


def test_nothing_in_it_needs_an_inline_style(dates, view):
    for svg in (wide(lines_of(dates, view)), small(lines_of(dates, view))):
        assert "style=" not in svg
        assert not any(
            name.startswith("on") for element in ElementTree.fromstring(svg).iter() for name in element.attrib
        )


def test_solid_turns_hollow_exactly_at_now(dates, view):
    svg = drawing(dates, view)
    now = of_class(svg, "nowline")[0].get("d").split()[0].removeprefix("M")
    cut = [path for path in of_class(svg, "run") if f"H{now}V" in path.get("d")]

    assert len(cut) == 4  # a2, b2, b3 and c1 are running


def test_a_template_counts_weeks_and_has_no_now(dates):
    svg = drawing(dates, View(today=None))

    assert [text.text for text in of_class(svg, "month")][:3] == ["uge 1", "uge 5", "uge 9"]
    assert of_class(svg, "nowline") == of_class(svg, "nowpill") == []
    assert [text.text for text in of_class(svg, "wd")][:2] == ["uge 2", "uge 9"]


@pytest.mark.parametrize("today", [date(2026, 8, 30), date(2027, 6, 7)])
def test_before_the_start_and_after_the_end_no_now_is_drawn(dates, today):
    assert of_class(drawing(dates, View(today=today)), "nowpill") == []


def test_forty_weeks_fill_the_page_and_sixty_make_it_wider(dates, view, programme):
    longer = replace(dates, programme=shortened(programme, 60))

    assert drawing(dates, view).get("width") == "1214"
    assert drawing(longer, view).get("width") == str(28 + 60 * 24 + 34)


def test_a_cancelled_workshop_has_no_station(dates, view):
    first, *rest = dates.workshops
    svg = drawing(replace(dates, workshops=(replace(first, state="cancelled"), *rest)), view)

    assert len(of_class(svg, "column")) == 4
    assert "/w/w1/" not in [link.get("href") for link in svg.iter("a")]


def test_workshops_close_together_stand_on_two_rows(dates, view):
    first, second, *rest = dates.workshops
    close = replace(dates, workshops=(first, replace(second, starts_at=first.ends_at), *rest))
    heights = [text.get("y") for text in of_class(drawing(close, view), "ws")]

    assert heights == ["58", "104", "58", "58", "58"]


@given(
    st.lists(st.floats(0, 900), min_size=1, max_size=5).map(sorted),
    st.lists(st.integers(0, 8).map(lambda number: (number * 130.0, 21)), unique=True),
)
def test_stops_keep_clear_of_stations_and_of_each_other(wished, walls):
    placed = place(wished, walls, 0)

    assert all(right - left >= NEAR_STOP - 0.02 for left, right in pairwise(placed))
    assert all(abs(x - wall) >= distance - 0.02 for x in placed for wall, distance in walls)


def test_a_title_is_broken_and_ends_in_three_dots_where_there_is_no_room():
    title = "Digitalisering som ledelsesopgave i hele kommunen"

    assert wrap(title, 160, 16) == ["Digitalisering som", "ledelsesopgave i h…"]
    assert wrap("Kort", 160, 16) == ["Kort"]


@given(st.text("abcmwijWÆ –", min_size=1, max_size=90), st.integers(40, 300))
def test_no_line_but_a_lone_long_word_is_wider_than_its_room(title, room):
    *first, last = wrap(title, room, 16)

    assert len(first) <= 1
    assert text_width(last, 16) <= room or len(last) <= 2
    assert all(text_width(line, 16) <= room or " " not in line for line in first)


def test_the_small_one_is_a_picture_only(dates, view):
    svg = ElementTree.fromstring(small(lines_of(dates, view)))

    assert svg.get("aria-hidden") == "true"
    assert list(svg.iter("a")) == []
    assert len(of_class(svg, "pill")) == 5
    assert len(of_class(svg, "meet")) == 6


def test_in_the_small_one_lanes_melt_together(dates, view):
    competence, action, support = (runs(line) for line in lines_of(dates, view).lines)

    assert competence == [(0, 6), (7, 16), (18, 34)]
    assert action == [(1, 40)]
    assert support == [(5, 39)]
