"""What a mail says, before it becomes text or HTML: plain values in the reader's language (MODEL P1–P9, I20)."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Part:
    """One question or nudge with its one button. `language` is the one the headline is really in."""

    headline: str
    language: str
    url: str
    button: str
    facts: tuple[str, ...] = ()  # when and where
    lines: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    quiet: str = ""
    not_now: str = ""  # the address behind “Not now”, where there is a choice


@dataclass(frozen=True)
class Letter:
    """A whole mail. The subject never says anything personal (MODEL P9)."""

    subject: str
    parts: tuple[Part, ...]
    language: str
    sender: str  # the line at the foot: which programme, which municipality
    preferences: str  # an address
    intro: str = ""
    reply_to: str = ""  # where an answer by e-mail goes; HR where nothing is asked


def absolute(path: str) -> str:
    """An address that works outside the site."""
    return f"{settings.SITE_URL}{path}"
