"""What HR sees about each person on a cohort: lessons and attendance by status, never a word (MODEL §5).

“Det kan HR se om dig” shows the person the very same values, from the same function.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.dates import CohortDates
from courseplatform.cohorts.models import Attendance, Enrolment, GroupMembership, LessonProgress, Workshop
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record_each_daily

NOT_STARTED = "not_started"
READ = "read_status"
PURPOSE = _("Saw your lessons and attendance as HR on the cohort.")


@dataclass(frozen=True)
class LessonStatus:
    """One open lesson; `state` is not_started, in_progress or done."""

    key: str
    state: str


@dataclass(frozen=True)
class WorkshopStatus:
    """Somebody's answer to a workshop and, afterwards, whether they came."""

    key: str
    starts_at: datetime | None
    state: str
    response: str
    outcome: str


@dataclass(frozen=True)
class Status:
    """One person's row. A narrow one holds no lessons and no workshops: the reader is their line manager."""

    enrolment: UUID
    person: UUID
    name: str
    unit: str
    group: str
    state: str
    is_unreachable: bool
    line_manager: UUID | None
    is_narrow: bool = False
    lessons: tuple[LessonStatus, ...] = ()
    workshops: tuple[WorkshopStatus, ...] = ()

    @property
    def read(self) -> int:
        """How many open lessons the person says they have read."""
        return sum(lesson.state == LessonProgress.State.DONE for lesson in self.lessons)

    @property
    def state_words(self) -> object:
        return Enrolment.State(self.state).label

    def workshop(self, key: str) -> WorkshopStatus | None:
        """Their answer to that workshop; None in a narrow row."""
        return next((workshop for workshop in self.workshops if workshop.key == key), None)


def open_lessons(dates: CohortDates, now: datetime) -> tuple[str, ...]:
    """Keys of the lessons whose module has opened, track by track."""
    today = dates.local(now).date()
    opened = [module for module in dates.programme.modules if dates.module_opens(module.key) <= today]
    return tuple(lesson.key for module in opened for lesson in module.lessons)


def statuses(enrolments: QuerySet[Enrolment], dates: CohortDates, now: datetime) -> list[Status]:
    """One row for each enrolment, all of the one cohort, in four queries."""
    rows = list(enrolments.select_related("person__org_unit"))
    ids = [row.pk for row in rows]
    progress, groups, answers = _progress(ids), _groups(ids), _answers(ids)
    lessons = open_lessons(dates, now)
    return [_status(row, groups, lessons, progress[row.pk], dates, answers[row.pk]) for row in rows]


def as_seen_by(viewer: User, rows: Iterable[Status]) -> list[Status]:
    """The rows for one HR person: narrow where they are the line manager too (MODEL §5, end)."""
    return [_narrowed(row) if row.line_manager == viewer.pk else row for row in rows]


def _narrowed(row: Status) -> Status:
    """Enrolment and group only: all that a line manager is shown."""
    return replace(row, is_narrow=True, lessons=(), workshops=())


def write_down(reader: User, shown: Iterable[Status], now: datetime) -> None:
    """That they were looked at, once a day for each, where the person can see it (MODEL I17)."""
    rows = {row.enrolment: row.person for row in shown if row.lessons or row.workshops}
    record_each_daily(reader, READ, Enrolment, rows, PURPOSE, now)


def _progress(ids: list[UUID]) -> dict[UUID, dict[str, str]]:
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    rows = LessonProgress.objects.filter(enrolment__in=ids)
    for enrolment, lesson, state in rows.values_list("enrolment", "lesson_key", "state"):
        found[enrolment][lesson] = state
    return found


def _groups(ids: list[UUID]) -> dict[UUID, str]:
    current = GroupMembership.objects.filter(enrolment__in=ids, left_at=None)
    return dict(current.values_list("enrolment", "group__name"))


def _answers(ids: list[UUID]) -> dict[UUID, dict[UUID, Attendance]]:
    found: dict[UUID, dict[UUID, Attendance]] = defaultdict(dict)
    for attendance in Attendance.objects.filter(enrolment__in=ids, workshop__isnull=False):
        if attendance.workshop_id:
            found[attendance.enrolment_id][attendance.workshop_id] = attendance
    return found


def _status(
    row: Enrolment,
    groups: dict[UUID, str],
    lessons: Iterable[str],
    progress: dict[str, str],
    dates: CohortDates,
    answers: dict[UUID, Attendance],
) -> Status:
    return Status(
        enrolment=row.pk,
        person=row.person_id,
        name=row.person.display_name,
        unit=str(row.person.org_unit or ""),
        group=groups.get(row.pk, ""),
        state=row.state,
        is_unreachable=row.person.undeliverable_since is not None,
        line_manager=row.person.line_manager_id,
        lessons=tuple(LessonStatus(key, progress.get(key, NOT_STARTED)) for key in lessons),
        workshops=_workshops(row, dates, answers),
    )


def _workshops(row: Enrolment, dates: CohortDates, answers: dict[UUID, Attendance]) -> tuple[WorkshopStatus, ...]:
    """Every workshop people know of. One that ended before the person joined is none of theirs (MODEL §7)."""
    found = []
    for event in dates.workshops:
        ended_before = row.activated_at and event.ends_at and event.ends_at < row.activated_at
        if event.id is None or event.state == Workshop.State.DRAFT or ended_before:
            continue
        answer = answers.get(event.id, Attendance())
        found.append(WorkshopStatus(event.key, event.starts_at, event.state, answer.response, answer.outcome))
    return tuple(found)
