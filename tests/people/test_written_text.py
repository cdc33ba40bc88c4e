from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courseplatform.people.written_text import has_cpr_like_number, length, tidy


@pytest.mark.parametrize(
    "text",
    [
        "0101901234",
        "010190-1234",
        "010190 1234",
        "010190 - 1234",
        "010190–1234",
        "010190\u00a01234",
        "(2902001234)",
    ],
    ids=["bare", "hyphen", "space", "spaced hyphen", "dash", "no-break space", "leap day in a sentence"],
)
def test_ten_digits_that_begin_with_a_date_look_like_a_cpr_number(text):
    assert has_cpr_like_number(text)


@pytest.mark.parametrize(
    "text",
    ["3201901234", "0113901234", "2902011234", "010190123", "01019012345", "010190\n1234", "Ring på 12 34 56 78", ""],
    ids=["day 32", "month 13", "29 February 2001", "nine", "eleven", "two lines", "telephone", "nothing"],
)
def test_other_numbers_do_not(text):
    assert not has_cpr_like_number(text)


BLANK = st.sampled_from([" ", "\u00a0", "\u2009", "\t"])
MARK = st.sampled_from("-‐‑–—−－./／⁄·_\\")
LIVING = st.dates(date(1900, 1, 1), date(2057, 12, 31))
SCRIPTS = [str.maketrans("0123456789", digits) for digits in ("0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩")]


@st.composite
def set_apart(draw):
    """(between day, month and year; before the last four)"""
    marked = st.tuples(st.sampled_from(["", " "]), MARK, st.sampled_from(["", " "])).map("".join)
    apart = draw(st.just("") | BLANK | marked)
    return apart, draw(st.just("") | marked) if apart.strip() else draw(st.just("") | BLANK | marked)


@given(
    LIVING,
    st.integers(0, 9999),
    set_apart(),
    st.sampled_from(SCRIPTS),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad")), max_size=3),
)
@example(date(1990, 1, 1), 1234, ("", "/"), SCRIPTS[1], [(3, "\u200b")])
def test_it_is_seen_however_its_digits_are_set_apart(born, serial, apart, script, unseen):
    number = f"{born:%d}{apart[0]}{born:%m}{apart[0]}{born:%y}{apart[1]}{serial:04}".translate(script)
    for place, sign in unseen:
        number = number[:place] + sign + number[place:]

    assert has_cpr_like_number(f"Hun har {number}, siger hun")


MOMENTS = [
    "%d.%m.%y %H.%M", "%d.%m.%y %H:%M", "%d.%m.%y %H%M", "%d/%m/%y %H.%M", "%d-%m-%y %H:%M", "%d.%m.%Y %H%M",
    "%d.%m.%Y kl. %H.%M", "%d.%m.-%d.%m.%Y", "%d.%m.%y-%d.%m.%y", "%d/%m %Y", "%d/%m-%Y %H.%M", "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y-%d.%m.%Y", "kl. %H.%M-%H.%M, %d.%m.%y", "%d.%m.%y, lokale %H%M", "%d %m %Y %H.%M",
]  # fmt: skip


@given(st.datetimes(datetime(1990, 1, 1), datetime(2057, 1, 1)), st.sampled_from(MOMENTS))
def test_a_day_with_its_hour_or_its_room_is_none(moment, form):
    assert not has_cpr_like_number(f"Vi ses {moment.strftime(form)} hos os")


PHONES = ["{}{}{}{}", "{} {} {} {}", "{}{} {}{}", "{}.{}.{}.{}", "+45 {} {} {} {}", "+45{}{}{}{}", "0045 {}{}{}{}"]
PAIRS = st.lists(st.integers(0, 99).map("{:02}".format), min_size=4, max_size=4)


@given(PAIRS, PAIRS, st.sampled_from(PHONES), st.sampled_from([", ", " / ", " eller ", "\n", "; lokale "]))
@example(["12", "10", "26", "14"], ["30", "12", "26", "14"], PHONES[1], " / ")
def test_telephone_numbers_are_none(one, other, form, between):
    assert not has_cpr_like_number(f"Ring {form.format(*one)}{between}{form.format(*other)}.")


@given(st.integers(1, 31), st.integers(1, 12), st.integers(0, 99), st.integers(0, 999), st.sampled_from(".-/ "))
def test_room_and_case_numbers_are_none(house, floor, room, door, mark):
    assert not has_cpr_like_number(f"Lokale {house:02}{mark}{floor:02}{mark}{room:02}{mark}{door:03}")
    assert not has_cpr_like_number(f"Lokale {house}{mark}{floor:02}{mark}{door:03}, sag 26/{door:06}")


@pytest.mark.parametrize(
    ("text", "characters"),
    [("", 0), ("æøå", 3), ("👩🏽‍🚒", 1), ("e\u0301", 1), ("🇩🇰🇸🇪", 2), ("a\nb", 3)],
)
def test_characters_are_counted_as_a_reader_counts_them(text, characters):
    assert length(text) == characters


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\u030a", "Å"),
        ("en\r\nto\rtre", "en\nto\ntre"),
        ("a\x00b\x1bc\x7fd", "abcd"),
        ("en\ttab", "en\ttab"),
        ("\n  midt  \n\n", "midt"),
    ],
    ids=["composed", "line ends", "controls", "tabs stay", "blank ends"],
)
def test_text_is_tidied_before_it_is_kept(typed, kept):
    assert tidy(typed) == kept
