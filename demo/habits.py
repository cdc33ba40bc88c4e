"""How the demo people behave: some at once, some late, some not at all. The same every time."""

import hashlib
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import yaml

ANSWERS = Path(__file__).parent / "answers.yaml"
SHOWN_TO_VISITORS = "m08"  # keeps a question open, so that there is something to do today


def fraction(*parts: object) -> float:
    """A steady number in [0, 1) for these words: the same in every run, on every machine."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48


def answers_after(person: str, template: str) -> timedelta | None:
    """How long somebody lets a question lie; None when they never answer it."""
    luck = fraction("answer", person, template)
    if luck > 0.72:
        return None
    return timedelta(hours=4 if luck < 0.4 else 28 if luck < 0.6 else 100)


def reads_after(person: str, lesson: str) -> timedelta | None:
    """How long after a module opens somebody reads a lesson of it; None when they do not get round to it."""
    luck = fraction("read", person, lesson)
    return timedelta(days=2 + round(luck * 20)) if luck < 0.78 else None


def shares(person: str, template: str) -> bool:
    """Whether this answer is one that somebody shares with their group."""
    return fraction("share", person, template) < 0.35


def text_for(person_number: int, template: str) -> str | None:
    """What person number n of a group wrote to a question; None when the demo has no text for it."""
    texts = _texts().get(template)
    return " ".join(texts[person_number % len(texts)].split()) if texts else None


@lru_cache(maxsize=1)
def _texts() -> dict[str, list[str]]:
    texts: dict[str, list[str]] = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
    return texts
