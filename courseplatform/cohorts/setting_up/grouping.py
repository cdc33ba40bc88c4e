"""A proposal for learning groups: units mixed, nobody together with their own manager, four to eight in each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from courseplatform.cohorts.models import LearningGroup
from courseplatform.people.models import User

NOMINAL_SIZE = 6


@dataclass
class Proposal:
    """`groups` holds people; `left_over` those who fit in no group beside their manager or somebody they manage."""

    groups: list[list[User]]
    left_over: list[User] = field(default_factory=list)


def propose_groups(people: Sequence[User]) -> Proposal:
    """Groups whose sizes differ by one at most. The same people in the same order give the same proposal."""
    number = _how_many(len(people))
    proposal = _place(people, number)
    one_more = number + 1
    if proposal.left_over and len(people) // one_more >= LearningGroup.SMALLEST:
        return min(proposal, _place(people, one_more), key=lambda tried: len(tried.left_over))
    return proposal


def _how_many(people: int) -> int:
    """As many groups as give about six in each."""
    return max(1, round(people / NOMINAL_SIZE)) if people else 0


def _place(people: Sequence[User], number: int) -> Proposal:
    proposal = Proposal([[] for _ in range(number)])
    for person in _hardest_first(people):
        open_groups = [group for group in proposal.groups if _has_room(group, proposal.groups, len(people))]
        fitting = [group for group in open_groups if not any(are_in_line(person, member) for member in group)]
        if fitting:
            min(fitting, key=lambda group: (_from_same_unit(person, group), len(group))).append(person)
        else:
            proposal.left_over.append(person)
    return proposal


def _hardest_first(people: Sequence[User]) -> list[User]:
    """Those with most managers and reports here come first, then unit by unit."""
    units = {unit: order for order, unit in enumerate(dict.fromkeys(person.org_unit_id for person in people))}

    def ease(person: User) -> tuple[int, int]:
        return -sum(are_in_line(person, other) for other in people), units[person.org_unit_id]

    return sorted(people, key=ease)


def _has_room(group: list[User], groups: list[list[User]], people: int) -> bool:
    smaller, larger_groups = divmod(people, len(groups))
    if len(group) < smaller:
        return True
    return len(group) == smaller and sum(len(other) > smaller for other in groups) < larger_groups


def are_in_line(one: User, other: User) -> bool:
    """Whether one is the other's line manager."""
    return _manages(one.pk, other) or _manages(other.pk, one)


def _manages(manager: UUID, person: User) -> bool:
    return person.line_manager_id == manager


def _from_same_unit(person: User, group: list[User]) -> int:
    return sum(member.org_unit_id == person.org_unit_id for member in group)
