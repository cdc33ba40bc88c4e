"""The texts of a question, an experiment, what was seen and what it taught: sealed for author and place.

Reflections have more places to be sealed for, see `entries`.
"""

import json
from typing import TYPE_CHECKING

from courseplatform.people.privacy import sealing
from courseplatform.people.written_text import tidy

if TYPE_CHECKING:
    from courseplatform.journal.models import Experiment, InquiryQuestion, Insight, Observation, Project

    Sealed = Project | InquiryQuestion | Experiment | Observation | Insight

Texts = dict[str, str]


def sealed(row: "Sealed", texts: Texts, kind: str = "") -> bytes:
    """The texts as they are kept. Raises sealing.KeyDestroyedError."""
    return sealing.seal(row.author, json.dumps(texts, ensure_ascii=False), _place(row, kind))


def texts_of(row: "Sealed") -> Texts:
    """What the row says. Raises what `sealing.unseal` raises."""
    return _opened(row, row.sealed)


def draft_of(row: "Project | Experiment") -> Texts:
    """What its author is writing and has not said yet; {} when nothing is begun."""
    begun = row.sealed_draft
    return {} if begun is None else _opened(row, begun, "draft")


def draft_without(row: "Project | Experiment", *names: str) -> bytes | None:
    """What is being written beside these, as it is kept; None when that is nothing."""
    left = {name: text for name, text in draft_of(row).items() if text and name not in names}
    return sealed(row, left, "draft") if left else None


def unseen(row: "Project | Experiment", name: str, mine: str, edition: int | None) -> str:
    """What another device is writing under that name and the writer of `mine`, on that edition, has not seen; or ""."""
    there = draft_of(row).get(name, "")
    return "" if edition in (None, row.edition) or there == tidy(mine) else there


def _opened(row: "Sealed", content: "bytes | memoryview[int]", kind: str = "") -> Texts:
    texts: Texts = json.loads(sealing.unseal(row.author, bytes(content), _place(row, kind)))
    return texts


def _place(row: "Sealed", kind: str) -> str:
    return f"{row._meta.model_name}/{row.pk}/{kind}"
