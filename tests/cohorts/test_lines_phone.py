"""The list, and the strands that CSS draws beside it."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.cohorts.three_lines.lines import View, lines_of
from courseplatform.cohorts.three_lines.phone import rows
from tests.demo_programme import programme as demo_programme

MONDAY, TUESDAY = date(2026, 8, 31), date(2026, 10, 27)


def dates_of_demo():
    return resolve(demo_programme(), MONDAY, "Europe/Copenhagen")


def drawn_rows(today=TUESDAY, dates=None, **view):
    return rows(lines_of(dates or dates_of_demo(), View(today=today, is_personal=True, **view)))


def listed(today=TUESDAY, dates=None, language="da", **view):
    with translation.override(language):
        lines = lines_of(dates or dates_of_demo(), View(today=today, is_personal=True, **view))
        return re.sub(r"[ \n]+", " ", render_to_string("components/lines_list.html", {"lines": lines}))


def test_everything_stands_once_and_in_order_of_date(programme):
    found = drawn_rows()
    kinds = [row.kind for row in found]

    assert [row.on for row in found if row.kind != "now"] == sorted(row.on for row in found if row.kind != "now")
    assert kinds.count("lesson") == len(programme.lessons)
    assert (kinds.count("workshop"), kinds.count("meeting"), kinds.count("now")) == (5, 6, 1)


def test_now_stands_between_what_is_gone_and_what_comes():
    found = drawn_rows()
    place = [row.kind for row in found].index("now")

    assert found[place - 1].stop.key == "a2-2"
    assert found[place + 1].event.key == "w2"


def test_a_month_is_a_row_before_its_first_stop():
    months = [row.on.month for row in drawn_rows() if row.kind == "month"]

    assert months == [8, 9, 10, 11, 12, 1, 2, 3, 4, 5]


def test_now_divides_a_running_module_in_its_own_row():
    now = next(row for row in drawn_rows() if row.kind == "now")
    halves = [(strand.track, strand.lane, strand.half, strand.is_ahead) for strand in now.strands if strand.half]

    assert halves == [
        (1, 0, "gone", False),
        (1, 0, "comes", True),
        (2, 1, "gone", False),
        (2, 1, "comes", True),
        (2, 0, "gone", False),
        (2, 0, "comes", True),
        (3, 0, "gone", False),
        (3, 0, "comes", True),
    ]


def test_a_lower_lane_leaves_its_line_once():
    leaving = [strand for row in drawn_rows() for strand in row.strands if strand.leaves_its_line]

    assert [(strand.track, strand.lane) for strand in leaving] == [(2, 1), (3, 1), (1, 1)]


@settings(max_examples=40, deadline=None)
@given(st.integers(-30, 320))
def test_every_strand_begins_once_and_ends_once_whatever_the_day(days):
    found = drawn_rows(today=MONDAY + timedelta(days=days))
    thin = [strand for row in found for strand in row.strands if strand.shape == "thin"]
    thick = [strand for row in found for strand in row.strands if strand.shape == "thick"]

    assert len(thin) == 3 * len(found)
    assert sum(strand.position == "start" for strand in thin) == 3
    begun = sum(strand.position in ("start", "both") for strand in thick)
    ended = sum(strand.position in ("end", "both") for strand in thick)
    assert begun == ended == len(demo_programme().modules)


@settings(max_examples=40, deadline=None)
@given(st.integers(-30, 320))
def test_nothing_is_solid_below_now_nor_hollow_above_it(days):
    found = drawn_rows(today=MONDAY + timedelta(days=days))
    place = [row.kind for row in found].index("now")

    assert not any(strand.is_ahead for row in found[:place] for strand in row.strands)
    assert all(strand.is_ahead for row in found[place + 1 :] for strand in row.strands)


def test_the_list_says_states_in_words():
    html = listed(done={"a1-1"}, begun={"a2-1"})

    assert "25 min · læst" in html
    assert "25 min · åben, du er begyndt" in html
    assert "åbner 23.\u00a0nov." in html
    assert 'id="nu" aria-current="date"' in html
    assert "onsdag den 28.\u00a0oktober kl.\u00a008.30–14.30" in html


def test_without_a_day_the_group_is_said_to_choose_it():
    assert "uge 2 · gruppen vælger dagen" in listed()


def test_what_was_before_somebody_joined_is_there_and_says_so():
    assert listed(joined_on=date(2026, 10, 5)).count("før din start") == 2  # workshop 1 and the group's first meeting


def test_a_cancelled_workshop_is_struck_through_and_has_no_mark():
    dates = dates_of_demo()
    first, *rest = dates.workshops
    html = listed(dates=replace(dates, workshops=(replace(first, state="cancelled"), *rest)))

    assert '<span lang="da" class="strike">Begyndelsen: opgaver, håb og forbehold</span>' in html
    assert '<p class="meta">aflyst</p>' in html
    assert html.count('class="pill') == 4


def test_where_english_is_missing_danish_is_marked_as_danish(programme):
    bare = programme.model_dump(mode="json")
    bare["tracks"][0]["modules"][0]["lessons"][0]["title"]["en"] = None
    html = listed(language="en", dates=resolve(type(programme).model_validate(bare), MONDAY, "Europe/Copenhagen"))

    assert '<span lang="da">Digitalisering hører til i ledelsesrummet</span>' in html
    assert '<span lang="en">What is digital imagination?</span>' in html


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_list_needs_no_inline_style(language):
    assert "style=" not in listed(language=language)


def test_in_a_template_nothing_is_gone():
    found = rows(lines_of(dates_of_demo(), View(today=None)))

    assert all(strand.is_ahead for row in found for strand in row.strands)
