"""Published versions: one immutable value each (MODEL I1). Everybody who follows a programme reads it here."""

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lessons.models import ProgrammeVersion
from lessons.shape import SCHEMA_VERSION, Programme

Snapshot = dict[str, Any]
# From the schema version named to the next: `{1: upgrade_1_to_2}`. Applied on reading; stored rows are never rewritten.
UPGRADES: dict[int, Callable[[Snapshot], Snapshot]] = {}


def digest_of(programme: Programme) -> str:
    """sha256 of the programme's canonical JSON: equal content, equal digest."""
    return hashlib.sha256(canonical_json(programme.model_dump(mode="json"))).hexdigest()


def canonical_json(value: Any) -> bytes:
    """One value, one text: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=32)
def programme(digest: str) -> Programme:
    """The version with that digest, as frozen values. One query, then none: a version never changes.

    Raises ProgrammeVersion.DoesNotExist, or pydantic's ValidationError naming the path that does not fit the shape.
    """
    # Two programmes never share a digest: the key is part of the content.
    return from_snapshot(ProgrammeVersion.objects.values_list("snapshot", flat=True).get(digest=digest))


def from_snapshot(snapshot: Snapshot) -> Programme:
    """A stored snapshot as the value of today's shape, upgraded step by step."""
    for version in range(snapshot["schema_version"], SCHEMA_VERSION):
        snapshot = UPGRADES[version](snapshot)
    return Programme.model_validate(snapshot)
