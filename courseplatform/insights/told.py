"""Who hears about a change of a workshop, and who cannot."""

from collections import Counter
from dataclasses import dataclass

from courseplatform.cohorts.models import Attendance, Enrolment, Substitution, Workshop
from courseplatform.outbox.planning.invitations import INVITED
from courseplatform.people.models import User


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
    def waiting(self) -> int:
        return self.answers.get(Attendance.Response.WAITING, 0)

    @property
    def silent(self) -> int:
        return len(self.reachable) + len(self.unreachable) - self.yes - self.no - self.perhaps - self.waiting


def told_of(workshop: Workshop) -> Told:
    """Everybody who has the workshop in their calendar or is about to, a colleague in their seat. Three queries."""
    rows = Enrolment.objects.filter(cohort=workshop.cohort_id, state__in=INVITED).select_related("person")
    enrolments = list(rows.order_by("person__display_name"))
    lent = workshop.substitutions.filter(state=Substitution.State.STANDS).select_related("substitute")
    seats = {stay.enrolment_id: stay.substitute for stay in lent if stay.substitute}
    people = [(row, seats.get(row.pk) or row.person) for row in enrolments]
    given = workshop.attendances.filter(enrolment__state__in=INVITED).values_list("response", flat=True)
    return Told(
        reachable=[person.display_name for _row, person in people if _is_reachable(person)],
        unreachable=[person.display_name for _row, person in people if not _is_reachable(person)],
        paused=[person.display_name for row, person in people if row.state == Enrolment.State.PAUSED],
        answers=dict(Counter(given)),
    )


def _is_reachable(person: User) -> bool:
    return person.is_active and person.undeliverable_since is None
