import pytest

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
