"""Sorts what planning is given by the person it concerns: who is written to, about which enrolments, and since when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from courseplatform.outbox.planning.planned import CohortRules, Person, Recipient, Standing

SPONSOR = ".sponsor"  # what the line manager's own message is called after: `<prompt>.sponsor`


@dataclass(frozen=True)
class Part:
    """One reason to write to somebody: their own enrolment, or that of somebody who reports to them."""

    cohort: int  # its place among the cohorts
    recipient: Recipient
    is_sponsor: bool


@dataclass(frozen=True)
class Case:
    """One person, all their parts, and every row that stands there for them or for a part of theirs."""

    person: Person
    parts: tuple[Part, ...]
    rows: tuple[Standing, ...]

    @property
    def own_rows(self) -> list[Standing]:
        """Those addressed to the person; after a change of line manager some are still the predecessor's."""
        return [row for row in self.rows if row.person_id == self.person.id]


def cases_of(cohorts: Sequence[CohortRules], rows: Iterable[Standing]) -> list[Case]:
    """A case for everybody who is written to, in one order whatever the order of `rows`."""
    people: dict[UUID, Person] = {}
    parts: dict[UUID, list[Part]] = defaultdict(list)
    for number, rules in enumerate(cohorts):
        for recipient in rules.recipients:
            for is_sponsor, person in ((False, recipient.person), (True, _sponsor(recipient))):
                people[person.id] = person
                parts[person.id].append(Part(number, recipient, is_sponsor))
    standing = _by_person(parts, rows)
    return [Case(people[pk], tuple(parts[pk]), tuple(standing[pk])) for pk in sorted(parts)]


def _sponsor(recipient: Recipient) -> Person:
    """Who gets the line manager's message; without one at work it stands with the participant, and says so."""
    manager = recipient.line_manager
    return manager if manager and manager.is_active else recipient.person


def _by_person(parts: dict[UUID, list[Part]], rows: Iterable[Standing]) -> dict[UUID, list[Standing]]:
    concerned = {(part.recipient.enrolment_id, part.is_sponsor): pk for pk in parts for part in parts[pk]}
    found: dict[UUID, list[Standing]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.at, row.key[1:])):
        of_part = concerned.get((row.key[0], row.key[1].endswith(SPONSOR)))
        for pk in {row.person_id, of_part}:
            if pk in parts:
                found[pk].append(row)
    return found
