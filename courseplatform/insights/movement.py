"""Movement on a cohort by area: how many read, how many have answered. Numbers only, and only through `figures`."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from uuid import UUID

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.insights.figures import NOBODY, Count, Figures, publishable
from courseplatform.insights.status import Status
from courseplatform.outbox.models import Message


def reading(people: Sequence[Status], cohort: Cohort) -> Figures:
    """How many have read at least half of the lessons that are open, by unit."""
    return _by_unit(people, cohort, lambda person: bool(person.lessons) and 2 * person.read >= len(person.lessons))


def answering(people: Sequence[Status], cohort: Cohort) -> Figures:
    """How many have answered at least one question, by unit. What and when is nobody's business here. One query."""
    answered = Message.objects.filter(enrolment__cohort=cohort, kind=Message.Kind.PROMPT, answered_at__isnull=False)
    ids: set[UUID] = set(answered.values_list("enrolment", flat=True).distinct())
    return _by_unit(people, cohort, lambda person: person.enrolment in ids)


def _by_unit(people: Sequence[Status], cohort: Cohort, did: Callable[[Status], bool]) -> Figures:
    # Always the same people, or two tables side by side could be subtracted from one another.
    counts: dict[str, Count] = defaultdict(lambda: NOBODY)
    for person in sorted(people, key=lambda person: person.unit):
        if person.state in Enrolment.TAKING_PART:
            counts[person.unit] += Count(int(did(person)), 1)
    return publishable(counts, cohort.municipality.min_group_size)
