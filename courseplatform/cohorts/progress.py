"""Where somebody is in their programme: the drawing with their own marks, and the lessons with their states."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.urls import reverse

from courseplatform.cohorts.calendar.dates import CohortDates
from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Attendance, Enrolment, GroupMembership, LessonProgress, Substitution
from courseplatform.cohorts.three_lines.lines import Lines, View, lines_of


@dataclass(frozen=True)
class Progress:
    """Lesson keys by state, with the day of those that were read."""

    done: dict[str, date]
    begun: frozenset[str]
    left: dict[str, "Place"] = field(default_factory=dict)
    read_as: dict[str, str] = field(default_factory=dict)  # where it is known

    def has_changed(self, lesson: str, text: str) -> bool:
        """Whether it was read, and says something else now (`read_texts.as_read`).

        Of what was read before `read_as` was kept nobody can know what it said, so it is never said to have changed.
        """
        return lesson in self.done and self.read_as.get(lesson, text) != text


@dataclass(frozen=True)
class Place:
    """Where a lesson was left: the paragraph as it is rendered, the local day, and how many days ago that was."""

    paragraph: int
    on: date
    days: int


def progress_of(enrolment: Enrolment, today: date) -> Progress:
    """What the person has marked themselves (MODEL I19), and where they stopped. One query."""
    rows = list(LessonProgress.objects.filter(enrolment=enrolment))
    zone = enrolment.cohort.municipality.timezone
    done = {row.lesson_key: to_local(row.completed_at, zone).date() for row in rows if row.completed_at}
    begun = {row.lesson_key: row for row in rows if row.lesson_key not in done}
    places = {key: _place(row, zone, today) for key, row in begun.items()}
    left = {key: place for key, place in places.items() if place}
    return Progress(done, frozenset(begun), left, {row.lesson_key: row.read_as for row in rows if row.read_as})


def _place(row: LessonProgress, zone: str, today: date) -> Place | None:
    if not row.paragraph or not row.left_at:
        return None
    on = to_local(row.left_at, zone).date()
    return Place(row.paragraph, on, (today - on).days)


def group_of(enrolment: Enrolment) -> UUID | None:
    """The learning group the person is in now. One query."""
    return GroupMembership.objects.filter(enrolment=enrolment, left_at=None).values_list("group_id", flat=True).first()


def own_attendances(enrolment: Enrolment) -> list[Attendance]:
    """The person's answers and where they were, each with whether a colleague holds the seat. One query."""
    seat = Substitution.objects.filter(
        enrolment=enrolment, workshop=OuterRef("workshop"), state=Substitution.State.STANDS
    )
    own = Attendance.objects.filter(enrolment=enrolment).annotate(is_colleagues=Exists(seat))
    return list(own.select_related("workshop"))


def is_lent(attendance: Attendance) -> bool:
    """Whether a colleague holds that seat; of what `own_attendances` has read."""
    return bool(getattr(attendance, "is_colleagues", False))


def stays_away(attendance: Attendance) -> bool:
    """Whether the person will not be there: they have said no, or a colleague comes."""
    return is_lent(attendance) or attendance.response == Attendance.Response.DECLINED


def own_lines(
    enrolment: Enrolment,
    dates: CohortDates,
    progress: Progress,
    attendances: Iterable[Attendance],
    today: date,
    group_id: UUID | None,
) -> Lines:
    """The participant's drawing: what is read is filled, that group's meetings, links everywhere. No query."""
    cohort = enrolment.cohort
    view = View(
        today=today,
        done=progress.done.keys(),
        begun=progress.begun,
        notes=_notes(attendances),
        is_personal=True,
        group_id=group_id,
        joined_on=_joined_on(enrolment),
        lesson_address=lambda key: reverse("lesson", args=[cohort.pk, key]),
        workshop_address=lambda event: _workshop_address(event.id),
        meeting_address=lambda _event: reverse("group"),
    )
    return lines_of(dates, view)


def _notes(attendances: Iterable[Attendance]) -> dict[UUID, str]:
    """Workshop or meeting → what the person answered, that they were there for all or part of it, or sent somebody."""
    return {event: _note(one) for one in attendances if (event := one.workshop_id or one.meeting_id)}


def _note(attendance: Attendance) -> str:
    if is_lent(attendance):
        return "colleague"
    were_there = (Attendance.Outcome.ATTENDED, Attendance.Outcome.PART)
    return attendance.outcome if attendance.outcome in were_there else attendance.response


def _workshop_address(pk: UUID | None) -> str:
    return reverse("workshop", args=[pk]) if pk else ""


def _joined_on(enrolment: Enrolment) -> date | None:
    """The local day from which the programme was theirs, for somebody who came after its start."""
    if enrolment.activated_at is None:
        return None
    joined = to_local(enrolment.activated_at, enrolment.cohort.municipality.timezone).date()
    return joined if joined > enrolment.cohort.starts_on else None
