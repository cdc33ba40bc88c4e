"""Fremmøde: one row for each seat at a workshop, with who has it, what they answered and whether they came."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Attendance, CheckIn, Enrolment, Substitution, Workshop
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record_each_daily

READ = "read_attendance"
PURPOSE = _("Saw your answer and attendance at a workshop.")
CHOICES = (
    (Attendance.Outcome.ATTENDED.value, _("Whole")),
    (Attendance.Outcome.PART.value, _("Part")),
    (Attendance.Outcome.EXCUSED.value, _("Excused")),
    (Attendance.Outcome.ABSENT.value, _("Absent")),
)


@dataclass(frozen=True)
class Row:
    """One seat. A narrow one says neither answer nor attendance: the reader is the person's line manager."""

    enrolment: Enrolment
    name: str
    unit: str
    sits: str  # the colleague who comes instead; empty when nobody does
    attendance: Attendance
    check_in: CheckIn | None
    is_narrow: bool

    @property
    def pk(self) -> UUID:
        return self.enrolment.pk

    @property
    def is_noted(self) -> bool:
        return self.attendance.outcome != Attendance.Outcome.UNKNOWN


def rows(workshop: Workshop, reader: User) -> list[Row]:
    """Everybody on the cohort who could be there, by name. Four queries."""
    on_it = Enrolment.objects.taking_part().filter(cohort=workshop.cohort_id)
    enrolments = list(on_it.select_related("person__org_unit"))
    answers = {one.enrolment_id: one for one in workshop.attendances.all()}
    arrived = {one.enrolment_id: one for one in workshop.check_ins.all()}
    standing = Substitution.objects.filter(workshop=workshop, state=Substitution.State.STANDS)
    lent = {one.enrolment_id: one.who for one in standing.select_related("substitute")}
    ordered = sorted(enrolments, key=lambda one: danish(one.person.display_name))
    return [_row(one, answers, arrived, lent, reader) for one in ordered]


def _row(
    enrolment: Enrolment,
    answers: dict[UUID, Attendance],
    arrived: dict[UUID, CheckIn],
    lent: dict[UUID, str],
    reader: User,
) -> Row:
    person = enrolment.person
    is_narrow = person.line_manager_id == reader.pk
    return Row(
        enrolment=enrolment,
        name=person.display_name,
        unit=str(person.org_unit or ""),
        sits="" if is_narrow else lent.get(enrolment.pk, ""),
        attendance=Attendance() if is_narrow else answers.get(enrolment.pk, Attendance()),
        check_in=None if is_narrow else arrived.get(enrolment.pk),
        is_narrow=is_narrow,
    )


def write_down(reader: User, shown: Iterable[Row], now: datetime) -> None:
    """That they were looked at, once a day for each, where the person can see it (MODEL I17)."""
    seats = {row.pk: row.enrolment.person_id for row in shown if not row.is_narrow}
    record_each_daily(reader, READ, Enrolment, seats, PURPOSE, now)
