"""Movement on a cohort by area: how many read, have answered, have tried. Numbers only, and only through `figures`."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.insights.figures import NOBODY, Count, Figures, publishable
from courseplatform.insights.status import Status
from courseplatform.journal.experiments.trying import who_have_tried
from courseplatform.outbox.models import Message


def reading(people: Sequence[Status], cohort: Cohort) -> Figures:
    """How many have read at least half of the lessons that are open, by unit."""
    counts = _counts(people, lambda person: bool(person.lessons) and 2 * person.read >= len(person.lessons))
    return publishable(counts, cohort.municipality.min_group_size)


def answering(people: Sequence[Status], cohort: Cohort) -> Figures:
    """How many have answered at least one question: the cohort as one. One query.

    Never by unit. “5 of 5” would tell of each of the five, and HR is not told who answers (MODEL P7).
    """
    answered = Message.objects.filter(enrolment__cohort=cohort, kind=Message.Kind.PROMPT, answered_at__isnull=False)
    ids = set(answered.values_list("enrolment", flat=True).distinct())
    counts = _counts(people, lambda person: person.enrolment in ids)
    return publishable({"": sum(counts.values(), NOBODY)}, cohort.municipality.min_group_size)


def trying(people: Sequence[Status], cohort: Cohort) -> Figures:
    """How many have begun an experiment: the cohort as one, as with answers. One query."""
    ids = who_have_tried(cohort)
    counts = _counts(people, lambda person: person.enrolment in ids)
    return publishable({"": sum(counts.values(), NOBODY)}, cohort.municipality.min_group_size)


def _counts(people: Sequence[Status], did: Callable[[Status], bool]) -> dict[str, Count]:
    """By unit. Always the same people, or two tables side by side could be subtracted from one another."""
    counts: dict[str, Count] = defaultdict(lambda: NOBODY)
    for person in sorted(people, key=lambda person: danish(person.unit)):
        if person.state in Enrolment.TAKING_PART:
            counts[person.unit] += Count(int(did(person)), 1)
    return counts
