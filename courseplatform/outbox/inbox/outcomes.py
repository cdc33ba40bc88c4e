"""What became of a mail that came in, in a word for an operator."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Outcome:
    """`kind` is one of IncomingMail.Kind. The message may be gone by now, or never have been."""

    kind: str
    word: str
    message: UUID | None = None
