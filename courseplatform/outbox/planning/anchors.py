"""What a rule counts from: the start, a module, a workshop, a meeting, a round of experiments (MODEL §6, §13)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from courseplatform.cohorts.calendar.dates import CohortDates, EventDate
from courseplatform.outbox.planning.planned import OwnExperiment, Recipient
from lessons.shape import ExperimentRound

FRIDAY, WEDNESDAY = 4, 2


@dataclass(frozen=True)
class Anchor:
    """One occurrence of an anchor. `at` is naive wall time where the cohort is."""

    object_id: str
    at: datetime
    event: EventDate | None = None
    is_meeting: bool = False
    reason: str = ""  # why nothing can be made from it
    stands_in_for: str = ""  # the round of experiments whose weeks count while somebody has no experiment of their own
    owner: UUID | None = None  # the enrolment whose own experiment it is

    @property
    def generation(self) -> int:
        return self.event.move_generation if self.event else 0

    @property
    def group_id(self) -> UUID | None:
        """Whom it concerns; None is everybody."""
        return self.event.group_id if self.event else None

    def concerns(self, recipient: Recipient) -> bool:
        """Whether that person is asked about it."""
        if self.owner:
            return self.owner == recipient.enrolment_id
        if self.stands_in_for in {one.round_key for one in recipient.experiments if one.round_key}:
            return False
        return self.group_id in (None, recipient.group_id)


def anchors(name: str, dates: CohortDates, usual_time: time) -> list[Anchor]:
    """Every occurrence of the anchor `kind` or `kind:key`; `*` is all of its kind. Raises ValueError for an unknown."""
    kind, _, key = name.partition(":")
    if kind not in KINDS:
        raise ValueError(f"Nothing is called {name!r} that a message could count from.")
    return KINDS[kind](dates, key, usual_time)


def own_anchors(name: str, recipient: Recipient, usual_time: time) -> list[Anchor]:
    """Those of the person's own experiments; none for any other kind."""
    kind, _, key = name.partition(":")
    if kind not in OWN_DAY:
        return []
    days = [(one, OWN_DAY[kind](one)) for one in recipient.experiments if key in ("*", one.round_key)]
    return [
        Anchor(one.object_id, datetime.combine(day, usual_time), owner=recipient.enrolment_id)
        for one, day in days
        if day
    ]


def _programme_start(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    return [Anchor("programme_start", datetime.combine(dates.starts_on, usual_time))]


def _programme_end(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    return [Anchor("programme_end", datetime.combine(dates.ends_on, usual_time))]


def _module_open(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    modules = [module for module in dates.programme.modules if key in ("*", module.key)]
    return [Anchor(module.key, datetime.combine(dates.day(module.open_week), usual_time)) for module in modules]


def _workshop(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    wanted = [event for event in dates.workshops if key in ("*", event.key)]
    weeks = {workshop.key: dates.day(workshop.week, workshop.weekday.offset) for workshop in dates.programme.workshops}
    return [_event(event, dates, datetime.combine(weeks[event.key], usual_time)) for event in wanted]


def _group_meeting(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    wanted = [event for event in dates.meetings if key in ("*", event.key)]
    weeks = {meeting.key: dates.day(meeting.week, WEDNESDAY) for meeting in dates.programme.group_meetings}
    middles = [datetime.combine(weeks[event.key], usual_time) for event in wanted]
    return [_event(event, dates, at, is_meeting=True) for event, at in zip(wanted, middles, strict=True)]


def _event(event: EventDate, dates: CohortDates, otherwise: datetime, *, is_meeting: bool = False) -> Anchor:
    at = dates.local(event.starts_at) if event.starts_at else otherwise
    reason = "event_cancelled" if event.is_cancelled else "" if event.starts_at else "no_date"
    return Anchor(event.object_id, at, event, is_meeting, reason)


def _experiment_start(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    rounds = _rounds(dates, key)
    return [_stand_in(one, dates.day(one.start_week), usual_time) for one in rounds]


def _experiment_due(dates: CohortDates, key: str, usual_time: time) -> list[Anchor]:
    rounds = _rounds(dates, key)
    return [_stand_in(one, dates.day(one.end_week, FRIDAY), usual_time) for one in rounds]


def _stand_in(one: ExperimentRound, day: date, usual_time: time) -> Anchor:
    # The round stands in for an experiment until its owner has planned one (MODEL §13).
    return Anchor(one.key, datetime.combine(day, usual_time), stands_in_for=one.key)


def _rounds(dates: CohortDates, key: str) -> list[ExperimentRound]:
    return [one for one in dates.programme.experiment_rounds if key in ("*", one.key)]


OWN_DAY: dict[str, Callable[[OwnExperiment], date | None]] = {
    "experiment_start": lambda one: one.starts_on,
    "experiment_due": lambda one: one.due_on,
}
KINDS: dict[str, Callable[[CohortDates, str, time], list[Anchor]]] = {
    "programme_start": _programme_start,
    "programme_end": _programme_end,
    "module_open": _module_open,
    "workshop": _workshop,
    "group_meeting": _group_meeting,
    "experiment_start": _experiment_start,
    "experiment_due": _experiment_due,
}
