"""Which waiting messages would change, fall away or appear if a cohort got another version. Saves nothing."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime

from courseplatform.cohorts.calendar.dates import CohortDates, dates_of
from courseplatform.cohorts.models import Cohort
from courseplatform.insights.what_if.cohort import goes, with_changed
from courseplatform.outbox.planning.gathering import Gathered, gather
from courseplatform.outbox.planning.planned import CohortRules
from courseplatform.outbox.planning.together import plan_together
from lessons.models import ProgrammeVersion
from lessons.shape import Programme, Text
from lessons.versions import programme

Days = Counter[date]


@dataclass(frozen=True)
class MessageChange:
    """One question or reminder: on which days it goes to how many, before and after, and in which words."""

    template: str
    before: Days
    after: Days
    said: Text | None
    says: Text | None

    @property
    def text(self) -> Text | None:
        return self.says or self.said

    @property
    def is_for_sponsor(self) -> bool:
        return self.template.endswith(".sponsor")

    @property
    def has_other_words(self) -> bool:
        return bool(self.before and self.after) and self.said != self.says

    @property
    def number_before(self) -> int:
        return self.before.total()

    @property
    def number_after(self) -> int:
        return self.after.total()

    @property
    def first_before(self) -> date | None:
        return min(self.before, default=None)

    @property
    def first_after(self) -> date | None:
        return min(self.after, default=None)


def dates_with(cohort: Cohort, version: ProgrammeVersion) -> CohortDates:
    """The cohort's dates as they would be. Two queries."""
    other = copy(cohort)
    other.programme_version = version
    return dates_of(other)


def if_applied(cohort: Cohort, dates: CohortDates, now: datetime) -> list[MessageChange]:
    """What from now on goes on other days, to others or in other words; what comes first stands first."""
    gathered = gather(cohort, now)
    anew = with_changed(gathered, lambda rules: replace(rules, dates=dates))
    before, after = _by_template(gathered, gathered.cohorts, now), _by_template(gathered, anew, now)
    old, new = programme(cohort.programme_version.digest), dates.programme
    changes = [
        MessageChange(key, before[key], after[key], _text(old, key), _text(new, key))
        for key in before.keys() | after.keys()
    ]
    different = [one for one in changes if one.before != one.after or one.has_other_words]
    return sorted(different, key=lambda one: (min([*one.before, *one.after]), one.template))


def _by_template(gathered: Gathered, cohorts: Sequence[CohortRules], now: datetime) -> dict[str, Days]:
    days: dict[str, Days] = defaultdict(Counter)
    for one in plan_together(cohorts, now, gathered.history):
        if one.enrolment_id in gathered.enrolments and goes(one):
            days[one.template][one.local_at.date()] += 1
    return days


def _text(whole: Programme, template: str) -> Text | None:
    key = template.removesuffix(".sponsor")
    return next((prompt.text for prompt in whole.prompts if prompt.key == key), None)
