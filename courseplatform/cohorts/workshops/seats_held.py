"""The seats somebody has as a colleague, for their first page: each workshop with its facts and its material."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from courseplatform.cohorts.models import Substitution, Workshop
from courseplatform.people.models import User
from lessons.shape import Workshop as PlannedWorkshop
from lessons.versions import knowing, programme

SHOWN_FOR = timedelta(days=14)  # after it is over, for its material


@dataclass(frozen=True)
class Seat:
    """Somebody's seat, as the one who comes instead of them sees it."""

    row: Substitution
    planned: PlannedWorkshop
    is_over: bool

    @property
    def workshop(self) -> Workshop:
        return self.row.workshop


def seats_held(person: User, now: datetime) -> list[Seat]:
    """The next one first. Two queries, one where there are none."""
    held = Substitution.objects.held_by(person).filter(workshop__ends_at__gt=now - SHOWN_FOR)
    related = ("enrolment__person", "workshop__cohort__programme_version")
    rows = held.select_related(*related).prefetch_related("workshop__materials").order_by("workshop__starts_at")
    return [
        Seat(row, _planned(row.workshop), bool(row.workshop.ends_at and row.workshop.ends_at <= now)) for row in rows
    ]


def _planned(workshop: Workshop) -> PlannedWorkshop:
    """As its programme has it, also when a later version leaves it out."""
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    return whole.workshop(workshop.key)
