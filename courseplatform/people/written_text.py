"""What people type: normalised, counted as people count, and looked at for numbers that should not be there."""

import unicodedata
from datetime import date

import regex

CONTROLS = regex.compile(r"[\p{Cc}\p{Cs}--[\n\t]]", flags=regex.VERSION1)
CPR_LIKE = regex.compile(r"(?<!\d)(\d{2})(\d{2})(\d{2})[^\S\n]?\p{Pd}?[^\S\n]?(\d{4})(?!\d)")


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
    """Whether ten digits in it could be a Danish personal number: the first six are a date (MODEL §10)."""
    return any(_is_date(*map(int, found.groups()[:3])) for found in CPR_LIKE.finditer(text))


def _is_date(day: int, month: int, year: int) -> bool:
    """Any century: 29 February counts when one of them is a leap year."""
    return any(_exists(century + year, month, day) for century in (1800, 1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
