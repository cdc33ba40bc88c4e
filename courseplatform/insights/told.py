"""Who hears about a change of a workshop, and who cannot."""

from collections import Counter
from dataclasses import dataclass

from courseplatform.cohorts.models import Attendance, Enrolment, Workshop
from courseplatform.outbox.planning.invitations import INVITED


@dataclass(frozen=True)
class Told:
    """Names for HR: `reachable` get a mail, `unreachable` must be called, `paused` are among the reachable."""

    reachable: list[str]
    unreachable: list[str]
    paused: list[str]
    answers: dict[str, int]

    @property
    def yes(self) -> int:
        return self.answers.get(Attendance.Response.ACCEPTED, 0)

    @property
    def no(self) -> int:
        return self.answers.get(Attendance.Response.DECLINED, 0)

    @property
    def perhaps(self) -> int:
        return self.answers.get(Attendance.Response.TENTATIVE, 0)

    @property
    def silent(self) -> int:
        return len(self.reachable) + len(self.unreachable) - self.yes - self.no - self.perhaps


def told_of(workshop: Workshop) -> Told:
    """Everybody who has the workshop in their calendar or is about to. Two queries."""
    rows = Enrolment.objects.filter(cohort=workshop.cohort_id, state__in=INVITED).select_related("person")
    enrolments = list(rows.order_by("person__display_name"))
    given = workshop.attendances.filter(enrolment__state__in=INVITED).values_list("response", flat=True)
    return Told(
        reachable=[row.person.display_name for row in enrolments if _is_reachable(row)],
        unreachable=[row.person.display_name for row in enrolments if not _is_reachable(row)],
        paused=[row.person.display_name for row in enrolments if row.state == Enrolment.State.PAUSED],
        answers=dict(Counter(given)),
    )


def _is_reachable(row: Enrolment) -> bool:
    return row.person.is_active and row.person.undeliverable_since is None
