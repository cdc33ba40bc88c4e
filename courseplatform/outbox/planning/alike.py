"""Plans people in the same situation once. Most of a cohort is: same wishes, same group, same rows.

Nothing in planning depends on who somebody is, only on their situation; the rest is putting the right names on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.planning.capping import GETS_FOLLOW_UP, may_return
from courseplatform.outbox.planning.cases import SPONSOR, Case, Part
from courseplatform.outbox.planning.catching_up import WELCOME
from courseplatform.outbox.planning.planned import CohortRules, Key, Person, Planned, Recipient, Standing

WISHES = attrgetter(*(field.name for field in fields(Person) if field.name not in ("id", "email")))
SAID_APART = ("key", "person_id", "is_answered")
STANDS = attrgetter(*(field.name for field in fields(Standing) if field.name not in SAID_APART))
ENROLLED = attrgetter("state", "paused_from", "paused_to", "group_id", "person.is_active", "experiments")
LONG_AGO = timedelta(days=8)  # no mail so old shares a week with one that is still to come, or is near it
WAITS = ("due", "claimed")
Shared = tuple[int, str, str, str]  # a message's key with its enrolment's number


def situations(
    cases: Iterable[Case], cohorts: Sequence[CohortRules], plan: Callable[[Case], Iterator[Planned]], now: datetime
) -> "list[Situation]":
    """Everybody with those in the same situation, and what `plan` says of the first of them."""
    found: dict[object, Situation] = {}
    asked_twice = frozenset(
        prompt.key for rules in cohorts for prompt in rules.programme.prompts if prompt.remind_after_workdays
    )
    for case in cases:
        member = Member(case, asked_twice, now)
        what = member.situation(cohorts)
        if what in found:
            found[what].members.append(member)
        else:
            found[what] = Situation([member], list(plan(case)))
    return list(found.values())


@dataclass(frozen=True)
class Situation:
    """Those who are in it, and the plan of the first: everybody's, but for the names."""

    members: "list[Member]"
    planned: list[Planned]

    def plans(self) -> Iterator[list[Planned]]:
        """Everybody's own."""
        yield self.planned
        for one in self.members[1:]:
            yield [one.renamed(number, message) for (number, *_), message in self.shared.items()]

    def message(self, member: "Member", key: Key) -> Planned | None:
        """One of that member's; None where nothing asks for it."""
        enrolment, template, occurrence_key, channel = key
        number = member.numbers[enrolment]
        shared = self.shared.get((number, template, occurrence_key, channel))
        return shared and member.renamed(number, shared)

    @cached_property
    def shared(self) -> dict[Shared, Planned]:
        """The plan by what everybody in the situation calls its messages."""
        numbers = self.members[0].numbers
        return {(numbers[one.enrolment_id], *one.key[1:]): one for one in self.planned}


class Member:
    """One case: what its plan depends on, and what is the person's alone."""

    def __init__(self, case: Case, asked_twice: Set[str], now: datetime) -> None:
        self.case, self.asked_twice = case, asked_twice
        enrolments = {part.recipient.enrolment_id for part in case.parts} | {row.key[0] for row in case.rows}
        # A number for each enrolment, in the order in which planning breaks ties.
        self.enrolments = sorted(enrolments)
        self.numbers = {pk: number for number, pk in enumerate(self.enrolments)}
        self.settled = {row.key for row in case.rows if row.state not in WAITS}
        self.past = {row.key: row for row in case.own_rows if _is_past(row, now)}

    # --- The situation -----------------------------------------------------------------------------------------------
    def situation(self, cohorts: Sequence[CohortRules]) -> object:
        """Everything that the person's plan depends on, without who it is."""
        parts = tuple(self.part(part, cohorts[part.cohort]) for part in self.case.parts)
        return WISHES(self.case.person), parts, tuple(map(self.row, self.case.rows))

    def part(self, part: Part, rules: CohortRules) -> object:
        recipient = part.recipient
        enrolled: tuple[Any, ...] = ENROLLED(recipient)
        has_sponsor = bool(recipient.line_manager and recipient.line_manager.is_active)
        named = self.numbers[recipient.enrolment_id], part.cohort, part.is_sponsor, has_sponsor
        return *named, *enrolled, _joined_late(recipient, rules)

    def row(self, row: Standing) -> object:
        named = self.numbers[row.key[0]], row.key[1:], row.is_answered and self.may_be_asked_again(row)
        if row.key in self.past:
            return *named, row.state in GETS_FOLLOW_UP, row.reason == WELCOME
        return *named, row.person_id == self.case.person.id, *STANDS(row)

    def may_be_asked_again(self, row: Standing) -> bool:
        """Once its follow-up is settled, nothing depends any more on whether the first has been answered."""
        enrolment, template, occurrence_key, channel = row.key
        follow_up = enrolment, template, f"{occurrence_key[:-1]}1", channel
        return template.removesuffix(SPONSOR) in self.asked_twice and follow_up not in self.settled

    # --- The plan of somebody in the same situation ------------------------------------------------------------------
    def renamed(self, number: int, message: Planned) -> Planned:
        """A message of the other's plan with this person's names, and with their own past."""
        mine = _changed(message, person_id=self.case.person.id, enrolment_id=self.enrolments[number])
        return _as_it_went(mine, self.past.get(mine.key)) if self.past else mine


def _is_past(row: Standing, now: datetime) -> bool:
    """Settled so long ago that it can neither change nor be in the way of anything."""
    is_open = row.state in WAITS or may_return(row)
    return not is_open and now - row.at > LONG_AGO


def _joined_late(recipient: Recipient, rules: CohortRules) -> datetime | None:
    """When exactly somebody joined only matters after the start."""
    joined = recipient.activated_at
    return joined if joined and to_local(joined, rules.dates.tzid).date() > rules.dates.starts_on else None


def _as_it_went(message: Planned, row: Standing | None) -> Planned:
    if row is None:
        return message
    if row.at == message.due_at:
        return _changed(message, state=row.state, reason=row.reason)
    return _changed(message, state=row.state, reason=row.reason, local_at=row.local_at, due_at=row.at)


def _changed(message: Planned, **fields: object) -> Planned:
    """As `dataclasses.replace`, several times faster: this is done for every message of everybody."""
    copy = object.__new__(Planned)
    copy.__dict__.update(message.__dict__, **fields)
    return copy
