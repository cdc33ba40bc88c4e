"""The texts of a question, an experiment and what was seen: sealed for their author and their own place alone.

Reflections have more places to be sealed for, see `entries`.
"""

import json
from typing import Protocol
from uuid import UUID

from django.db.models.options import Options

from courseplatform.people import sealing
from courseplatform.people.models import User

Texts = dict[str, str]


class Sealed(Protocol):
    """A row whose texts are sealed."""

    pk: UUID
    sealed: bytes
    _meta: Options  # type: ignore[type-arg]

    @property
    def author(self) -> User: ...


def sealed(row: Sealed, texts: Texts, kind: str = "") -> bytes:
    """The texts as they are kept. Raises sealing.KeyDestroyedError."""
    return sealing.seal(row.author, json.dumps(texts, ensure_ascii=False), _place(row, kind))


def texts_of(row: Sealed) -> Texts:
    """What the row says. Raises what `sealing.unseal` raises."""
    return _opened(row, row.sealed)


def draft_of(row: Sealed) -> Texts:
    """What its author is writing and has not said yet; {} when nothing is begun."""
    begun: bytes | None = getattr(row, "sealed_draft", None)
    return {} if begun is None else _opened(row, begun, "draft")


def _opened(row: Sealed, content: bytes, kind: str = "") -> Texts:
    texts: Texts = json.loads(sealing.unseal(row.author, bytes(content), _place(row, kind)))
    return texts


def _place(row: Sealed, kind: str) -> str:
    return f"{row._meta.model_name}/{row.pk}/{kind}"
