"""Whether the English of a page still says what the Danish does."""

import hashlib
from enum import StrEnum
from typing import Any

from lessons.models import Authored, LessonPage


class English(StrEnum):
    MISSING = "missing"
    CURRENT = "current"
    OUTDATED = "outdated"


def english_of(page: Authored) -> English:
    """Missing where any Danish text of the page has no English; outdated where the Danish has changed since."""
    danish, english = _digests(page)
    if english is None:
        return English.MISSING
    return English.CURRENT if page.english_of == danish else English.OUTDATED


def note_changes(page: Authored) -> None:
    """Whoever changes the English has seen the Danish: that is what it is now confirmed against."""
    _danish, english = _digests(page)
    if (english or "") != page.english_was:
        confirm(page)


def confirm(page: Authored) -> None:
    """The English says what the Danish says now."""
    danish, english = _digests(page)
    page.english_of, page.english_was = danish, english or ""


def _digests(page: Authored) -> tuple[str, str | None]:
    """Of all Danish and of all English texts; None for English that is not whole."""
    pairs = list(texts_in(all_data(page)))
    danish = _digest([pair["da"] for pair in pairs])
    missing = any(not pair.get("en") for pair in pairs if pair["da"])
    return danish, None if missing else _digest([pair.get("en") for pair in pairs])


def all_data(page: Authored) -> list[Any]:
    """Everything written on the page, children too."""
    children = ("prompts", "exercises") if isinstance(page, LessonPage) else ()
    return [page.data(), *(child.data() for name in children for child in getattr(page, name).all())]


def texts_in(data: Any) -> Any:
    """Every pair of Danish and English, in order; by key, for PostgreSQL keeps a JSON object's keys in its own."""
    if isinstance(data, dict) and "da" in data:
        yield data
    elif isinstance(data, dict | list | tuple):
        for inner in [data[key] for key in sorted(data)] if isinstance(data, dict) else data:
            yield from texts_in(inner)


def _digest(texts: list[Any]) -> str:
    return hashlib.sha256("\0".join(map(str, texts)).encode()).hexdigest()
