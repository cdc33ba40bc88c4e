"""Who might present and who might mind the process: those who have done it least. The group decides (MODEL §8)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from courseplatform.cohorts.models import Enrolment


@dataclass(frozen=True)
class Suggestion:
    """The process keeper, and the presenters in order."""

    keeper: Enrolment | None
    presenters: tuple[Enrolment, ...]


def suggest(members: Sequence[Enrolment], turns: int) -> Suggestion:
    """The same members give the same suggestion. The keeper presents only where there are too few others."""
    kept, presented = _counts(members)
    keeper = min(members, key=lambda one: kept[one.pk], default=None)
    in_turn = sorted(members, key=lambda one: (one == keeper, presented[one.pk]))
    return Suggestion(keeper, tuple(in_turn[:turns]))


def _counts(members: Sequence[Enrolment]) -> tuple[dict[object, int], dict[object, int]]:
    """How often each has minded the process, and has presented."""
    known = Enrolment.objects.filter(pk__in=[one.pk for one in members]).annotate(
        kept=Count("kept_meetings", distinct=True), presented=Count("presented_turns", distinct=True)
    )
    rows = list(known.values_list("pk", "kept", "presented"))
    return {pk: kept for pk, kept, _presented in rows}, {pk: presented for pk, _kept, presented in rows}
