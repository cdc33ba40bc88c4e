"""What one cohort's rules ask for, said once for each situation: names are put on where rows are compared or made."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from courseplatform.outbox.planning.alike import Member, Situation
from courseplatform.outbox.planning.cases import SPONSOR
from courseplatform.outbox.planning.entries import Pair
from courseplatform.outbox.planning.planned import MERGED, PLANNED, Key, Planned

# Reasons worth a line in the ledger. The others say that there is nobody to write to, or nothing to write about.
KEPT_REASONS = (
    *("late_join", "paused", "quiet", "muted", "undeliverable", "cap"),
    *("stale", "too_late", "expired", "answered"),
)


def is_worth_a_row(message: Planned) -> bool:
    """Whether a row says something: that it goes, or why not."""
    return message.state in (PLANNED, MERGED) or message.reason in KEPT_REASONS


def turn_of(message: Planned) -> str:
    """What everybody is asked on the same occasion."""
    return f"{message.occurrence_key} {message.channel}"


@dataclass(frozen=True)
class Round:
    """Messages that go to several people alike, as the first of them gets them, and each one's enrolment and person."""

    messages: Sequence[Planned]
    pairs: Sequence[Pair]


@dataclass(frozen=True)
class CohortPlan:
    """The plan for these enrolments, out of situations that may concern others as well."""

    situations: Sequence[Situation]
    enrolments: Set[UUID]

    @cached_property
    def rounds(self) -> list[Round]:
        """All there is to say, and to whom."""
        return [one for situation in self.situations for one in _rounds(situation, self.enrolments)]

    @cached_property
    def turns(self) -> dict[str, datetime]:
        """When each thing comes to the first of those it is for (UTC). The rows of all are made by that.

        A row that is missing for some days would tell HR of a pause, or of a wish for one mail a week (MODEL §5, P8).
        """
        turns: dict[str, datetime] = {}
        for message in filter(is_worth_a_row, (one for round_ in self.rounds for one in round_.messages)):
            turn = turn_of(message)
            turns[turn] = min(message.due_at, turns.get(turn, message.due_at))
        return turns

    def get(self, key: Key) -> Planned | None:
        """One message; None where nothing asks for it."""
        enrolment, template, *_ = key
        found = self._members.get((enrolment, template.endswith(SPONSOR)))
        return found and found[0].message(found[1], key)

    @cached_property
    def _members(self) -> dict[tuple[UUID, bool], tuple[Situation, Member]]:
        """Who is written to about an enrolment, as a participant or as their line manager."""
        return {
            (part.recipient.enrolment_id, part.is_sponsor): (situation, member)
            for situation in self.situations
            for member in situation.members
            for part in member.case.parts
        }


NOTHING = CohortPlan((), frozenset())


def _rounds(situation: Situation, enrolments: Set[UUID]) -> Iterator[Round]:
    messages: dict[int, list[Planned]] = defaultdict(list)
    for (number, *_), message in situation.shared.items():
        messages[number].append(message)
    for number, theirs in messages.items():
        pairs = [(one.enrolments[number], one.case.person.id) for one in situation.members]
        if ours := [pair for pair in pairs if pair[0] in enrolments]:
            yield Round(theirs, ours)
