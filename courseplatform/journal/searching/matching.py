"""Whether a text has all the words somebody looks for, and a few lines of it with the hits marked.

Capitals and accents do not matter: “Cafe” finds “café”. Å is a letter of its own and the same as aa; æ and ø are
letters too. A word is found inside a longer one, as Danish builds them.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from courseplatform.people.written_text import search_words

LONGEST = 200  # characters that are looked at of what somebody types
SHOWN = 160  # characters around the first hit
LONGEST_WORD = 80  # a longer one is cut


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, hit or not. `repr` shows nothing of it."""

    text: str = field(repr=False)
    is_hit: bool


def words_of(typed: str) -> dict[str, str]:
    """What is looked for: each word folded → as it was typed. Ten at most."""
    return {word: typed_word for typed_word in search_words(typed[:LONGEST]) if (word := folded(typed_word))}


def folded(text: str) -> str:
    """The text as it is compared."""
    return _plain(unicodedata.normalize("NFC", text)).replace("aa", "å")


def _plain(text: str) -> str:
    """Small letters without accents and without what nobody sees; å as aa, so that it is not taken for an a."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("å", "aa"))
    return "".join(sign for sign in apart if sign.isascii() or unicodedata.category(sign) not in ("Mn", "Cf"))


def has_all(words: Iterable[str], *texts: str) -> bool:
    """Whether each of these folded words stands in one of these folded texts."""
    return all(any(word in text for text in texts) for word in words)


def marked(text: str, words: Iterable[str]) -> list[Piece]:
    """The whole text, its hits marked."""
    whole = unicodedata.normalize("NFC", text)
    return _pieces(whole, _hits(whole, words))


def excerpt(text: str, words: Iterable[str]) -> list[Piece]:
    """The lines around the first hit, or the beginning where there is none."""
    flat = " ".join(unicodedata.normalize("NFC", text).split())
    hits = _hits(flat, words)
    first = hits[0][0] if hits else 0
    begin = max(0, min(first - SHOWN // 2, len(flat) - SHOWN))
    start, end = _whole_words(flat, begin, begin + SHOWN)
    inside = [(max(one, start) - start, min(other, end) - start) for one, other in hits if one < end and other > start]
    pieces = _pieces(flat[start:end], inside)
    before, after = [Piece("… ", is_hit=False)] * (start > 0), [Piece(" …", is_hit=False)] * (end < len(flat))
    return [*before, *pieces, *after]


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch, cut where words end; in the middle of one only where it is longer than the stretch."""
    blank = text.rfind(" ", 0, start) if start > 0 else -1
    begins = blank + 1 if start > 0 and start - blank < LONGEST_WORD else start
    blank = text.find(" ", end)
    blank = len(text) if blank < 0 else blank
    return begins, blank if blank - end < LONGEST_WORD else end


def _pieces(text: str, hits: list[tuple[int, int]]) -> list[Piece]:
    pieces, at = [], 0
    for start, end in hits:
        pieces += [Piece(text[at:start], is_hit=False), Piece(text[start:end], is_hit=True)]
        at = end
    return [piece for piece in [*pieces, Piece(text[at:], is_hit=False)] if piece.text]


def _hits(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where the words stand in the text as it is written, in order and none inside another."""
    looked_for = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if not looked_for:
        return []
    plain = [(part, place) for place, sign in enumerate(text) for part in _plain_sign(sign)]
    # As `folded`, each sign with the stretch of `plain` it comes from.
    stretches = [found.span() for found in re.finditer("aa|.", "".join(part for part, _ in plain), re.DOTALL)]
    compared = "".join("å" if end - start == 2 else plain[start][0] for start, end in stretches)
    hits = [(stretches[hit.start()][0], stretches[hit.end() - 1][1] - 1) for hit in re.finditer(looked_for, compared)]
    spans = [(plain[first][1], plain[last][1] + 1) for first, last in hits]
    return [span for number, span in enumerate(spans) if not number or span[0] >= spans[number - 1][1]]


@lru_cache(maxsize=1024)
def _plain_sign(sign: str) -> str:
    return _plain(sign)
