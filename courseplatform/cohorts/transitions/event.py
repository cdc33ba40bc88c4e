"""What a time and a place must fulfil, and how far a move is; the same for workshops and meetings (MODEL §7, §10)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models.events import Event
from courseplatform.cohorts.transitions.guard import state_of
from courseplatform.people.refusals import Refusal

LONGEST_EVENT = timedelta(hours=12)
NEW_GENERATION_FROM = 3  # working days


@dataclass(frozen=True)
class Slot:
    """When and where: aware instants, and a place or a link."""

    starts_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        return {"starts_at": self.starts_at, "ends_at": self.ends_at, "place": self.place, "link": self.link}

    def is_that_of(self, event: Event) -> bool:
        """Whether the event already stands exactly here."""
        return all(getattr(event, name) == value for name, value in self.fields.items())


class WorkingDays(Protocol):
    """The part of `calendar.Calendar` that a move needs."""

    def is_working_day(self, day: date, /) -> bool: ...


def check(slot: Slot, event: Event, *, now: datetime, may_be_past: bool = False) -> None:
    """Raises Refusal with the first thing that is wrong with the slot."""
    if obstacle := obstacle_in_time(slot, now, may_be_past=may_be_past):
        raise Refusal(obstacle, state=state_of(event))
    if not (slot.place.strip() or slot.link):
        raise Refusal(_("Say where: a place or a link."), state=state_of(event))


def obstacle_in_time(slot: Slot, now: datetime, *, may_be_past: bool = False) -> object | None:
    """What is wrong with the time, as a sentence; None when nothing is."""
    if slot.ends_at <= slot.starts_at:
        return _("It must end after it starts.")
    if slot.ends_at - slot.starts_at > LONGEST_EVENT:
        return _("It may last twelve hours at most.")
    if slot.starts_at <= now and not may_be_past:
        return _("That time has passed. Choose a later one.")
    return None


def is_far(old: datetime, new: datetime, calendar: WorkingDays, tzid: str) -> bool:
    """Whether a move counts as a new date: three working days or more, in either direction (MODEL §7)."""
    first, last = sorted(to_local(moment, tzid).date() for moment in (old, new))
    shifted = sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    return shifted >= NEW_GENERATION_FROM
