"""What people type: normalised, counted as people count, and looked at for numbers that should not be there."""

import unicodedata
from datetime import date

import regex

CONTROLS = regex.compile(r"[\p{Cc}\p{Cs}--[\n\t]]", flags=regex.VERSION1)
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")  # zero-width signs, soft hyphens
BLANKS = regex.compile(r"[^\S\n]+")
MARKS = {"-": r"[\p{Pd}\u2212\u2043]", ".": r"[.\uFF0E\u00B7\u2022\u2027\u22C5]", "/": r"[/\\\uFF0F\u2044\u2215]"}
# Day, month and year stand together or all apart in the same way. \d is a digit of any script.
CPR_LIKE = regex.compile(r"(?<!\d)(\d{2})( ?[-./_] ?| ?)(\d{2})\2(\d{2})( ?[-./_]? ?)(\d{4})(?!\d)")


def tidy(text: str) -> str:
    """NFC, line ends as \\n, no control characters, no blank lines at either end (MODEL §10)."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept: str = CONTROLS.sub("", unicodedata.normalize("NFC", unified))
    return kept.strip()


def search_words(typed: str) -> list[str]:
    """What a search looks for: ten words at most, for every word more is a condition more."""
    return tidy(typed).split()[:10]


def length(text: str) -> int:
    """How many characters a reader would count: grapheme clusters (Unicode UAX #29)."""
    return len(regex.findall(r"\X", text))


def has_cpr_like_number(text: str) -> bool:
    """Whether ten digits in it could be a Danish personal number: the first six are a date (MODEL §10).

    However they are set apart; but “12.10.26 1430” is a day and something else.
    """
    return any(map(_is_cpr_like, CPR_LIKE.finditer(_in_plain_signs(text), overlapped=True)))


def _in_plain_signs(text: str) -> str:
    plain: str = BLANKS.sub(" ", IGNORABLE.sub("", text))
    for mark, alike in MARKS.items():
        plain = regex.sub(alike, mark, plain)
    return plain


def _is_cpr_like(found: "regex.Match[str]") -> bool:
    day, apart, month, year, before_serial, _serial = found.groups()
    is_day_and_number = apart.strip() and before_serial == " "
    return not is_day_and_number and _is_date(int(day), int(month), int(year))


def _is_date(day: int, month: int, year: int) -> bool:
    """Any century: 29 February counts when one of them is a leap year."""
    return any(_exists(century + year, month, day) for century in (1800, 1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
