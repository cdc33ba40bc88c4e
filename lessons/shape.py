"""A programme as plain frozen values: what a version is, and all that planning, screens and diffs ever read.

Keys, never database ids. Weeks are whole weeks counted from the cohort's start (week 0), minutes are minutes,
clock times are local wall time. A change of shape adds a field with a default or raises SCHEMA_VERSION.
"""

from datetime import date, time
from enum import StrEnum
from typing import Literal, TypeVar

from pydantic import Field

from lessons.instruments import (
    AgendaItem,
    Artefact,
    Assessment,
    Attribution,
    Award,
    DigcompArea,
    Dimension,
    InterviewGuide,
    ModelField,
    PracticeHack,
    ReflectionModel,
    Scale,
    ScaleLabel,
    SponsorConversation,
    Survey,
    SurveyItem,
    TeamLeaderEdition,
    TeamSize,
    Voting,
)
from lessons.values import Key, Lines, Text, Value, Week

__all__ = [
    "SCHEMA_VERSION",
    "AgendaItem",
    "Artefact",
    "Assessment",
    "Attribution",
    "AvoidedPeriod",
    "Award",
    "CalendarDefaults",
    "Capacity",
    "DayWindow",
    "DigcompArea",
    "Dimension",
    "Exercise",
    "ExperimentRound",
    "FocusArea",
    "GroupMeeting",
    "GroupSize",
    "InterviewGuide",
    "Key",
    "Lesson",
    "Lines",
    "MessageClass",
    "ModelField",
    "Module",
    "NominalStart",
    "Offset",
    "PracticeHack",
    "Programme",
    "Prompt",
    "ReflectionModel",
    "Scale",
    "ScaleLabel",
    "SponsorConversation",
    "Survey",
    "SurveyItem",
    "TeamLeaderEdition",
    "TeamSize",
    "Text",
    "Track",
    "TrackKind",
    "Value",
    "Voting",
    "Week",
    "Weekday",
    "Workload",
    "Workshop",
]

SCHEMA_VERSION = 1

Keyed = TypeVar("Keyed")


class FocusArea(Value):
    key: Key
    title: Text
    question: Text


class TrackKind(StrEnum):
    COMPETENCE = "competence_development"
    ACTION = "action_learning"
    SUPPORT = "organisational_support"


class Exercise(Value):
    key: Key
    title: Text
    minutes: int = Field(ge=1, le=480)
    steps: Lines


class Lesson(Value):
    """One thing to read, with its aims, and exercises and prompts by key. `body` and `short` are Markdown."""

    key: Key
    title: Text
    slug: str
    focus_area: Key
    minutes: int = Field(ge=5, le=90)
    aims: Lines
    body: Text
    short: Text | None = Field(default=None, exclude_if=lambda short: short is None)  # else digests change
    prompts: tuple[Key, ...] = ()
    exercises: tuple[Key, ...] = ()


class Module(Value):
    key: Key
    title: Text
    focus_area: Key
    open_week: Week
    close_week: Week
    lessons: tuple[Lesson, ...] = ()


class Track(Value):
    key: Key
    kind: TrackKind
    title: Text
    short: Text
    aim: Text
    modules: tuple[Module, ...] = ()


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"

    @property
    def offset(self) -> int:
        """Days after Monday."""
        return list(Weekday).index(self)


class Workshop(Value):
    """A day for the whole cohort. `start` and `end` are local wall time."""

    key: Key
    week: Week
    weekday: Weekday
    start: time
    end: time
    title: Text
    aims: Lines
    format: Literal["workshop", "praksishack"] = "workshop"


class GroupMeeting(Value):
    """A meeting of each learning group; the group picks the day inside the week."""

    key: Key
    week: Week
    theme: Text


class ExperimentRound(Value):
    key: Key
    start_week: Week
    end_week: Week
    theme: Text


class MessageClass(StrEnum):
    """In the order in which they win a place when there are too many in one week (MODEL P5)."""

    CONVERSATION = "conversation"
    REMINDER = "reminder"
    SURVEY = "survey"
    PROMPT = "prompt"


class Offset(Value):
    """Exactly one of the two is set; negative is before the anchor."""

    days: int | None = Field(default=None, ge=-60, le=200)
    workdays: int | None = Field(default=None, ge=-60, le=200)


class Prompt(Value):
    """A question or a nudge, and the rule for when it goes out."""

    key: Key
    message_class: MessageClass
    anchor: str
    offset: Offset
    audience: Literal["participant", "participant+sponsor"]
    text: Text
    opens: str = ""
    reflection_model: Key = "free"
    remind_after_workdays: int | None = Field(default=None, ge=1, le=10)
    late: Literal["skip", "catch_up"] = "skip"
    allow_in_break: bool = False


class AvoidedPeriod(Value):
    """A stretch without workshops and meetings: by ISO weeks, by dates, or relative to Easter Sunday."""

    key: Key
    iso_weeks: tuple[int, ...] = ()
    local_alternative: int | None = None
    from_day: str | None = None  # "MM-DD", or days after Easter Sunday as a number in text
    to_day: str | None = None
    relative_to_easter: bool = False


class DayWindow(Value):
    day: Weekday
    opens: time
    closes: time


class CalendarDefaults(Value):
    avoid: tuple[AvoidedPeriod, ...]
    on_collision: Literal["propose_next_free_week"]
    workshop_weekdays: tuple[Weekday, ...]
    group_meeting_weekdays: tuple[Weekday, ...]
    send_window: tuple[DayWindow, ...]
    default_send_time: time


class GroupSize(Value):
    min: int
    nominal: int
    max: int


class Capacity(Value):
    min: int
    nominal: int
    max: int
    learning_groups: int
    group_size: GroupSize


class Workload(Value):
    """Hours over the whole programme."""

    lessons: float
    workshops: float
    group_meetings: float
    experiments_and_reflection: float
    sponsor_conversations: float


class NominalStart(Value):
    rule: Literal["monday_of_iso_week"]
    iso_week: int


class Programme(Value):
    """Everything a cohort follows. Keys are unique within their kind."""

    schema_version: Literal[1] = 1
    key: Key
    number: str = Field(pattern=r"^\d+\.\d+(\.\d+)?$")
    title: Text
    subtitle: Text
    summary: Text
    languages: tuple[str, ...]
    default_language: str
    timezone: str
    length_weeks: int = Field(ge=1, le=104)
    nominal_start: NominalStart
    example_start: date
    capacity: Capacity
    workload_hours: Workload
    calendar: CalendarDefaults
    focus_areas: tuple[FocusArea, ...]
    tracks: tuple[Track, ...]
    experiment_rounds: tuple[ExperimentRound, ...]
    workshops: tuple[Workshop, ...]
    group_meetings: tuple[GroupMeeting, ...]
    group_meeting_agenda: tuple[AgendaItem, ...]
    exercises: tuple[Exercise, ...]
    prompts: tuple[Prompt, ...]
    assessment: Assessment | None = None
    surveys: tuple[Survey, ...] = ()
    interview_guide: InterviewGuide | None = None
    sponsor_conversations: tuple[SponsorConversation, ...] = ()
    artefacts: tuple[Artefact, ...] = ()
    team_leader_edition: TeamLeaderEdition | None = None
    praksishack: PracticeHack | None = None
    reflection_models: tuple[ReflectionModel, ...]

    @property
    def modules(self) -> tuple[Module, ...]:
        """All modules, track by track."""
        return tuple(module for track in self.tracks for module in track.modules)

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons, track by track, module by module."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    def module(self, key: str) -> Module:
        """Raises KeyError when there is none; so do the others below."""
        return _by_key(self.modules, key)

    def lesson(self, key: str) -> Lesson:
        return _by_key(self.lessons, key)

    def prompt(self, key: str) -> Prompt:
        return _by_key(self.prompts, key)

    def exercise(self, key: str) -> Exercise:
        return _by_key(self.exercises, key)

    def workshop(self, key: str) -> Workshop:
        return _by_key(self.workshops, key)

    def group_meeting(self, key: str) -> GroupMeeting:
        return _by_key(self.group_meetings, key)

    def reflection_model(self, key: str) -> ReflectionModel:
        return _by_key(self.reflection_models, key)

    def module_of(self, lesson_key: str) -> Module:
        """The module a lesson stands in."""
        return next(module for module in self.modules if any(lesson.key == lesson_key for lesson in module.lessons))

    def track_of(self, module_key: str) -> Track:
        """The track a module stands in."""
        return next(track for track in self.tracks if any(module.key == module_key for module in track.modules))


def _by_key(values: tuple[Keyed, ...], key: str) -> Keyed:
    for value in values:
        if value.key == key:  # type: ignore[attr-defined]
            return value
    raise KeyError(key)
