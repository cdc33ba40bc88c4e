"""The texts of a question, an experiment, what was seen and what it taught: sealed for author and place.

Reflections have more places to be sealed for, see `entries`.
"""

import json
from typing import TYPE_CHECKING

from courseplatform.people.privacy import sealing

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


def _opened(row: "Sealed", content: "bytes | memoryview[int]", kind: str = "") -> Texts:
    texts: Texts = json.loads(sealing.unseal(row.author, bytes(content), _place(row, kind)))
    return texts


def _place(row: "Sealed", kind: str) -> str:
    return f"{row._meta.model_name}/{row.pk}/{kind}"
