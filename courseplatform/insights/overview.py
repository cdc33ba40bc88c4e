"""Everything HR's pages about one cohort draw on, read once: seven queries, however many people there are."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.safestring import SafeString

from courseplatform.cohorts.calendar.dates import CohortDates, dates_of
from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Cohort, Enrolment, LearningGroup
from courseplatform.cohorts.three_lines.lines import Lines, View, lines_of
from courseplatform.cohorts.three_lines.small import small
from courseplatform.insights.status import Status, as_seen_by, statuses
from courseplatform.people.models import User


@dataclass(frozen=True)
class Overview:
    """A cohort at `now`. `people` are whole rows and only for figures; `seen` is what the reader may see."""

    cohort: Cohort
    dates: CohortDates
    people: list[Status]
    seen: list[Status]
    groups: dict[UUID, LearningGroup]
    now: datetime

    @property
    def today(self) -> date:
        return self.dates.local(self.now).date()

    @property
    def week(self) -> int:
        """The programme's week, counted from 1; under 1 before the start."""
        return self.dates.week_of(self.today) + 1

    @property
    def wide_lines(self) -> SafeString:
        """The cohort's three lines in small, filled by time alone, for a desk."""
        return small(self._lines, width=1152, pitch=22)

    @property
    def narrow_lines(self) -> SafeString:
        """The same for a phone."""
        return small(self._lines, width=326)

    @property
    def _lines(self) -> Lines:
        return lines_of(self.dates, View(today=self.today))

    @property
    def people_here(self) -> int:
        """Everybody on the cohort who has not left it, the invited too."""
        return sum(person.state in (Enrolment.State.INVITED, *Enrolment.TAKING_PART) for person in self.people)


def overview(cohort: Cohort, viewer: User, now: datetime) -> Overview:
    """The cohort for one HR person; people in Danish order."""
    dates = dates_of(cohort)
    people = sorted(statuses(cohort.enrolments.all(), dates, now), key=lambda person: danish(person.name))
    groups = {group.pk: group for group in cohort.groups.select_related("facilitator")}
    return Overview(cohort, dates, people, as_seen_by(viewer, people), groups, now)
