"""Dates as people read them (MODEL S9)."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

STARTS = datetime(2026, 9, 9, 6, 30, tzinfo=UTC)  # half past eight in Copenhagen
ENDS = datetime(2026, 9, 9, 13, 30, tzinfo=UTC)


def shown(source, language="da", **values):
    with translation.override(language):
        return Template("{% load dates %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("source", "danish", "english"),
    [
        ("{{ at|day }}", "onsdag den 9.\u00a0september", "Wednesday 9\u00a0September"),
        ("{{ at|day_year }}", "onsdag den 9.\u00a0september 2026", "Wednesday 9\u00a0September 2026"),
        ("{{ at|date_only }}", "9.\u00a0september", "9\u00a0September"),
        ("{{ at|short_day }}", "9.\u00a0sep.", "9\u00a0Sep"),
        ("{{ at|clock }}", "08.30", "08:30"),
        ("{{ at|week }}", "uge 37", "week 37"),
    ],
)
def test_a_moment_is_said_as_people_say_it(source, danish, english):
    assert shown(source, "da", at=STARTS) == danish
    assert shown(source, "en", at=STARTS) == english


def test_a_span_within_a_day_names_the_day_once():
    values = {"a": STARTS, "b": ENDS}
    danish = "onsdag den 9.\u00a0september kl.\u00a008.30–15.30"

    assert shown("{% span a b %}", **values) == danish
    assert shown("{% span a b year=True %}", **values) == danish.replace("september", "september 2026")
    assert shown("{% span a b %}", "en", **values) == "Wednesday 9\u00a0September at\u00a008:30–15:30"


def test_a_span_over_midnight_names_both_days():
    values = {"a": STARTS, "b": datetime(2026, 9, 10, 10, tzinfo=UTC)}

    assert shown("{% span a b %}", **values) == (
        "onsdag den 9.\u00a0september kl.\u00a008.30 – torsdag den 10.\u00a0september kl.\u00a012.00"
    )


def test_what_has_no_day_says_so():
    assert shown("{% span a b %}", a=None, b=None) == "ingen dag endnu"
    assert shown("{% span a b %}", a=STARTS, b=None) == "onsdag den 9.\u00a0september kl.\u00a008.30"


def test_the_day_is_the_local_one():
    late = datetime(2026, 9, 9, 22, 30, tzinfo=UTC)  # Thursday already

    assert shown("{{ at|day }} {{ at|clock }}", at=late) == "torsdag den 10.\u00a0september 00.30"


@pytest.mark.parametrize(
    ("day", "week"), [(date(2026, 12, 31), "uge 53"), (date(2027, 1, 3), "uge 53"), (date(2027, 1, 4), "uge 1")]
)
def test_weeks_follow_iso_over_new_year(day, week):
    assert shown("{{ day|week }}", day=day) == week


@pytest.mark.parametrize(("month", "short"), [(5, "1.\u00a0maj"), (6, "1.\u00a0jun."), (12, "1.\u00a0dec.")])
def test_may_is_short_already(month, short):
    assert shown("{{ day|short_day }}", day=date(2026, month, 1)) == short
