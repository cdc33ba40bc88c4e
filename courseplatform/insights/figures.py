"""The only door for figures about people: no group too small can be read or worked out (MODEL I9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Rest(StrEnum):
    """What happened to the groups that are too small to show."""

    NONE = "none"  # every group stands by itself
    TOGETHER = "together"  # the small ones are added together in one row
    ONLY_TOTAL = "only_total"  # added together they are still too few, so no group is shown
    NOTHING = "nothing"  # all of them are too few


@dataclass(frozen=True)
class Count:
    """How many `did` it, `of` how many."""

    did: int
    of: int

    def __add__(self, other: "Count") -> "Count":
        return Count(self.did + other.did, self.of + other.of)


NOBODY = Count(0, 0)


@dataclass(frozen=True)
class Figures:
    """What may be shown. `rest` is None unless small groups are added together, `total` when all are too few."""

    groups: tuple[tuple[str, Count], ...] = ()
    rest: Count | None = None
    total: Count | None = None
    reason: Rest = Rest.NOTHING


def publishable(counts: Mapping[str, Count], smallest: int) -> Figures:
    """Groups of at least `smallest` people, the others added together.

    What is shown lets nobody work out a group of 1 to `smallest` − 1 people by subtraction.
    """
    total = sum(counts.values(), NOBODY)
    if total.of < smallest:
        return Figures()
    shown = tuple((name, count) for name, count in counts.items() if count.of >= smallest)
    rest = sum((count for count in counts.values() if count.of < smallest), NOBODY)
    if not shown or 0 < rest.of < smallest:
        return Figures(total=total, reason=Rest.ONLY_TOTAL)
    if not rest.of:
        return Figures(groups=shown, total=total, reason=Rest.NONE)
    return Figures(groups=shown, rest=rest, total=total, reason=Rest.TOGETHER)
