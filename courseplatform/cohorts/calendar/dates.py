"""From a programme's weeks to dates. Offsets count weeks from the start, never week numbers (MODEL S8, S9, §13)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, GroupMeeting, Workshop
from courseplatform.cohorts.models.events import Event
from lessons.shape import Programme
from lessons.shape import Workshop as PlannedWorkshop
from lessons.versions import programme as programme_of

FRIDAY, SUNDAY = 4, 6


@dataclass(frozen=True)
class EventDate:
    """A workshop or a group meeting. `id` is None for a nominal one; `starts_at` (UTC) is None while it has no day."""

    key: str
    id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    place: str = ""
    state: str = "draft"
    move_generation: int = 0
    group_id: UUID | None = None

    @property
    def object_id(self) -> str:
        """What occurrence keys call it (MODEL §13)."""
        return str(self.id) if self.id else self.key

    @property
    def is_cancelled(self) -> bool:
        return self.state == "cancelled"


@dataclass(frozen=True)
class CohortDates:
    """Every date of one cohort. Weeks are whole weeks from `starts_on`, a Monday; days are local to `tzid`."""

    programme: Programme
    starts_on: date
    tzid: str
    workshops: tuple[EventDate, ...] = ()
    meetings: tuple[EventDate, ...] = ()

    @property
    def ends_on(self) -> date:
        """Friday of the last week."""
        return self.day(self.programme.length_weeks - 1, FRIDAY)

    def day(self, week: int, weekday: int = 0) -> date:
        """A day of the cohort's week; weekday 0 is Monday."""
        return self.starts_on + timedelta(weeks=week, days=weekday)

    def week_of(self, day: date) -> int:
        """Whole weeks from the start: 0 in the first week, negative before it."""
        return (day - self.starts_on).days // 7

    def module_opens(self, key: str) -> date:
        """Monday of its first week. Raises KeyError for an unknown module, as does `module_closes`."""
        return self.day(self.programme.module(key).open_week)

    def module_closes(self, key: str) -> date:
        """Sunday of its last week; it stays readable afterwards."""
        return self.day(self.programme.module(key).close_week, SUNDAY)

    def local(self, instant: datetime) -> datetime:
        """The naive wall time of an instant where the cohort is."""
        return to_local(instant, self.tzid)


def resolve(programme: Programme, starts_on: date, tzid: str) -> CohortDates:
    """The nominal dates of a cohort that would start that Monday. Meetings stand without a day: their group picks it.

    Raises ValueError when `starts_on` is not a Monday.
    """
    if starts_on.weekday() != 0:
        raise ValueError(f"A cohort starts on a Monday, and {starts_on} is none.")
    return CohortDates(
        programme=programme,
        starts_on=starts_on,
        tzid=tzid,
        workshops=tuple(_nominal(workshop, starts_on, tzid) for workshop in programme.workshops),
        meetings=tuple(
            EventDate(meeting.key, None, None, None, state="proposed") for meeting in programme.group_meetings
        ),
    )


def dates_of(cohort: Cohort) -> CohortDates:
    """The cohort's dates as they stand in the database: two queries, for workshops and for meetings.

    Its municipality and programme version are read through `cohort`, so load them with it.
    """
    workshops = Workshop.objects.filter(cohort=cohort).order_by("starts_at", "pk")
    meetings = GroupMeeting.objects.filter(group__cohort=cohort).order_by("group_id", "key")
    return with_events(cohort, workshops, meetings)


def with_events(cohort: Cohort, workshops: Iterable[Workshop], meetings: Iterable[GroupMeeting]) -> CohortDates:
    """The cohort's dates from rows that somebody has already fetched.

    What an earlier version held and this one does not is no date of the programme any more. A workshop that a new
    version has brought has no day for anybody until HR has planned it.
    """
    whole = programme_of(cohort.programme_version.digest)
    workshop_keys = {one.key for one in whole.workshops}
    meeting_keys = {one.key for one in whole.group_meetings}
    return CohortDates(
        programme=whole,
        starts_on=cohort.starts_on,
        tzid=cohort.municipality.timezone,
        workshops=tuple(_announced(_standing(one), cohort) for one in workshops if one.key in workshop_keys),
        meetings=tuple(_standing(one, one.group_id) for one in meetings if one.key in meeting_keys),
    )


def _announced(event: EventDate, cohort: Cohort) -> EventDate:
    is_draft = event.state == Workshop.State.DRAFT and cohort.state not in (Cohort.State.DRAFT, Cohort.State.PLANNED)
    return replace(event, starts_at=None, ends_at=None) if is_draft else event


def _nominal(workshop: PlannedWorkshop, starts_on: date, tzid: str) -> EventDate:
    day = starts_on + timedelta(weeks=workshop.week, days=workshop.weekday.offset)
    starts_at, ends_at = (to_utc(datetime.combine(day, at), tzid) for at in (workshop.start, workshop.end))
    return EventDate(workshop.key, None, starts_at, ends_at)


def _standing(event: Event, group_id: UUID | None = None) -> EventDate:
    place = event.place or event.link
    state, generation = getattr(event, "state"), event.move_generation  # noqa: B009 (each kind has its own states)
    return EventDate(event.key, event.pk, event.starts_at, event.ends_at, place, state, generation, group_id)
