"""A search in what a person has written themselves, and in their lessons. Nobody else's text is ever looked at.

Every search opens all of the person's own texts, in memory and for that request alone. It is made for a log of some
hundreds of entries, as somebody writes in nine months: three hundred of a hundred words each take 50 ms of an ordinary
core, and each thousand more 150 ms. From some ten thousand on it would want an index, which sealed texts cannot have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from courseplatform.journal.searching.lesson_texts import LessonText, lesson_texts
from courseplatform.journal.searching.matching import Piece, excerpt, folded, has_all, marked, words_of
from courseplatform.journal.searching.own_texts import OwnText, own_texts
from courseplatform.people.models import User

MOST = 20  # of each; who gets more writes a word more


@dataclass(frozen=True)
class Hit:
    """One place where all the words stand: what it is, and a few lines of it. `repr` shows none."""

    of: OwnText | LessonText
    heading: list[Piece]
    lines: list[Piece]


@dataclass(frozen=True)
class Found:
    """The first of what was found, and how many there are in all. `nowhere`: words that stand in no text at all."""

    own: list[Hit]
    own_count: int
    lessons: list[Hit]
    lesson_count: int
    nowhere: list[str]


def find(person: User, typed: str, now: datetime) -> Found:
    """Everything with all the words in it: the person's own texts newest first, lessons in the programme's order."""
    words = words_of(typed)
    own = [(one, folded(one.heading), folded(one.text)) for one in (own_texts(person) if words else [])]
    lessons = [(one, *one.folded) for one in (lesson_texts(person, now) if words else [])]
    with_all = [one for one, *texts in own if has_all(words, *texts)]
    read = [one for one, *texts in lessons if has_all(words, *texts)]
    everything = [text for _one, *texts in [*own, *lessons] for text in texts]
    return Found(
        own=[_own_hit(one, words) for one in with_all[:MOST]],
        own_count=len(with_all),
        lessons=[_lesson_hit(one, words) for one in read[:MOST]],
        lesson_count=len(read),
        nowhere=[typed_word for word, typed_word in words.items() if not any(word in text for text in everything)],
    )


def _own_hit(one: OwnText, words: Iterable[str]) -> Hit:
    return Hit(one, marked(one.heading, words), excerpt(one.text, words))


def _lesson_hit(one: LessonText, words: Iterable[str]) -> Hit:
    return Hit(one, marked(one.title, words), excerpt(one.text, words))
