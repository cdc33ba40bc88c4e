"""What a programme brings besides lessons and dates: surveys, the wheel, deliverables, reflection models, the hack."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from lessons.values import Key, Lines, Text, Value


class AgendaItem(Value):
    minutes: int = Field(ge=1, le=480)
    text: Text
    at: time | None = None


class ModelField(Value):
    key: Key | Annotated[str, Field(pattern=r"^[a-z_]+$")]
    label: Text


class ReflectionModel(Value):
    key: Key
    title: Text
    fields: tuple[ModelField, ...]


class ScaleLabel(Value):
    score: int
    text: Text


class Scale(Value):
    min: int
    max: int
    labels: tuple[ScaleLabel, ...]
    allow_skip: bool = False


class SurveyItem(Value):
    key: Key
    text: Text
    type: Literal["scale", "text"] = "scale"
    level: str = ""
    optional: bool = False


class Survey(Value):
    key: Key
    title: Text
    anonymous: bool
    min_group_for_report: int = Field(ge=5)
    scale: Scale
    items: tuple[SurveyItem, ...]


class Dimension(Value):
    key: Key
    digcomp: tuple[int, ...]
    title: Text
    statement: Text


class Attribution(Value):
    source: str
    licence: str
    changes: Text


class DigcompArea(Value):
    number: int
    name: str


class Assessment(Value):
    """The competence wheel: statements people score for themselves."""

    key: Key
    title: Text
    occasions: tuple[str, ...]
    scale: Scale
    default_visibility: Literal["private"]
    attribution: Attribution
    digcomp_areas: tuple[DigcompArea, ...]
    dimensions: tuple[Dimension, ...]


class InterviewGuide(Value):
    title: Text
    who: Text
    questions: Lines


class SponsorConversation(Value):
    key: Key
    minutes: int
    questions: Lines


class Artefact(Value):
    """A deliverable of the organisational track. `review_months` None means it is never reviewed."""

    key: Key
    module: Key
    title: Text
    owner_function: Text
    review_months: int | None
    fields: tuple[str, ...]
    confidential_to_pair: bool = False


class TeamLeaderEdition(Value):
    length_weeks: int
    keep: tuple[Key, ...]
    changes: Lines


class Award(Value):
    key: Key
    decided_by: Literal["sponsors", "participants", "facilitators"]
    title: Text
    criterion: Text


class TeamSize(Value):
    min: int
    max: int


class Voting(Value):
    one_vote_per_person_per_award: bool
    own_team_excluded: bool
    ties: str


class PracticeHack(Value):
    title: Text
    idea: Text
    team_size: TeamSize
    rules: Lines
    agenda: tuple[AgendaItem, ...]
    awards: tuple[Award, ...]
    voting: Voting
