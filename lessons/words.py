"""Two languages in columns, one value in the shape: how the two meet."""

import unicodedata
from typing import Any

import regex

CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", flags=regex.VERSION1)
Data = dict[str, Any]


def text(danish: str, english: str) -> Data:
    """A Text; blank English is missing English."""
    return {"da": clean(danish), "en": clean(english) or None}


def clean(words: str) -> str:
    """NFC, plain line ends, no control characters (MODEL §10)."""
    cleaned: str = CONTROL.sub("", unicodedata.normalize("NFC", words.replace("\r\n", "\n")))
    return cleaned


def lines(danish: str, english: str) -> Data:
    """Lines, one to a line of the column."""
    return {"da": split(danish), "en": split(english) or None}


def split(column: str) -> list[str]:
    return [line.strip() for line in clean(column).splitlines() if line.strip()]


def columns(name: str, value: Any) -> dict[str, str]:
    """A Text or Lines as its two columns, `name_da` and `name_en`."""
    danish, english = value.da, value.en
    if isinstance(danish, tuple):
        danish, english = "\n".join(danish), "\n".join(english or ())
    return {f"{name}_da": danish, f"{name}_en": english or ""}
