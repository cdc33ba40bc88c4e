"""What one phone on the table shows: the step, its clock, whose turn it is, and what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from uuid import UUID, uuid4

from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.groups.agenda import Step, steps_of
from courseplatform.journal.groups.meeting_runner import ends_at
from courseplatform.journal.groups.meeting_texts import note_reading, text_of
from courseplatform.journal.groups.meetings import whole_of
from courseplatform.journal.models import (
    Commitment,
    InquiryQuestion,
    MeetingNote,
    MeetingRun,
    MeetingTurn,
    Project,
)
from courseplatform.people.models import User

WIDE, GAP = 358, 6  # of the drawing of the whole meeting, in its own units


@dataclass(frozen=True)
class Said:
    """A commitment or a note, opened for its reader. `repr` shows neither."""

    row: Commitment | MeetingNote
    text: str = field(repr=False)

    @property
    def name(self) -> str:
        return self.row.author.display_name

    @property
    def typed_by(self) -> str:
        """Who wrote it down for them; empty where they did it themselves."""
        typist = self.row.created_by
        return typist.display_name if typist and typist != self.row.author else ""


def read(rows: Iterable[Commitment | MeetingNote], reader: User, now: datetime) -> list[Said]:
    """Opened in their order, and written down where they are others'. The rows come from `visible_to`."""
    found = list(rows)
    note_reading(reader, found, now=now)
    return [Said(row, text_of(row)) for row in found]


def commitments_of(meeting: GroupMeeting, reader: User) -> Iterable[Commitment]:
    """What was promised at that meeting, as far as the reader may read it."""
    return Commitment.objects.visible_to(reader).filter(meeting=meeting).select_related("author__key", "created_by")


def notes_of(meeting: GroupMeeting, reader: User) -> Iterable[MeetingNote]:
    """What was noted at that meeting, as far as the reader may read it."""
    return MeetingNote.objects.visible_to(reader).filter(meeting=meeting).select_related("author__key", "created_by")


def brought_back(run: MeetingRun, reader: User) -> Iterable[Commitment]:
    """From earlier meetings of the group: what nobody has told about yet, and what was told about at this one."""
    earlier = Commitment.objects.visible_to(reader).filter(meeting__group=run.meeting.group_id)
    earlier = earlier.filter(written_at__lt=run.begun_at).exclude(meeting=run.meeting)
    return earlier.exclude(told_at__lt=run.begun_at).select_related("author__key", "created_by")


def question_of(presenter: Enrolment, reader: User, now: datetime) -> str:
    """The presenter's inquiry question as it stands, if the reader may see it; to see it is written down."""
    projects = Project.objects.visible_to(reader).filter(enrolment=presenter)
    asked = InquiryQuestion.objects.filter(project__in=projects, is_current=True)
    question = asked.select_related("project__enrolment__person__key").order_by("-asked_at").first()
    if question is None:
        return ""
    note_reading(reader, [question], now=now)
    return texts_of(question)["text"]


@dataclass(frozen=True)
class PromiseForm:
    """Where one member's promise is typed: never in anybody else's field."""

    member: Enrolment
    is_asked_for: bool
    fresh_id: UUID = field(default_factory=uuid4)

    @property
    def name(self) -> str:
        return promise_field(self.member)


def promise_field(member: Enrolment) -> str:
    """What the field for that member's promise is called, on every step of the meeting."""
    return f"commitment-{member.pk}"


@dataclass(frozen=True)
class StepAhead:
    """A step as a phone without a connection shows it, with the one after it."""

    step: Step
    following: Step | None
    presenter: Enrolment | None

    @property
    def asks(self) -> str:
        """The field for the promise that is made in it; empty where none is."""
        return promise_field(self.presenter) if self.presenter and self.step.kind == "commitment" else ""


@dataclass(frozen=True)
class Table:
    """The present moment of a meeting that is on."""

    run: MeetingRun
    members: Sequence[Enrolment]
    now: datetime
    language: str

    @cached_property
    def turns(self) -> list[MeetingTurn]:
        return list(self.run.turns.select_related("presenter__person__key"))

    @cached_property
    def steps(self) -> list[Step]:
        return steps_of(whole_of(self.run.meeting), len(self.turns), self.language)

    @property
    def place(self) -> int:
        return min(self.run.step, len(self.steps) - 1)

    @property
    def step(self) -> Step:
        return self.steps[self.place]

    @property
    def next_step(self) -> Step | None:
        return self.steps[self.place + 1] if self.place + 1 < len(self.steps) else None

    @property
    def ahead(self) -> list[StepAhead]:
        """The steps from here on: what the page needs to go on without a connection."""
        left = self.steps[self.place :]
        pairs = zip(left, [*left[1:], None], strict=True)
        return [StepAhead(step, following, self.presenter_of(step)) for step, following in pairs]

    @property
    def turn(self) -> MeetingTurn | None:
        return self._turn_of(self.step)

    @property
    def presenter(self) -> Enrolment | None:
        """Whose turn it is, as long as they are in the group."""
        return self.presenter_of(self.step)

    def presenter_of(self, step: Step) -> Enrolment | None:
        """The same of another step."""
        turn = self._turn_of(step)
        return self._still_here(turn.presenter) if turn else None

    def _turn_of(self, step: Step) -> MeetingTurn | None:
        return next((one for one in self.turns if one.number == step.turn), None)

    @property
    def promises(self) -> list[PromiseForm]:
        """A form for every member, hidden unless it is asked for: words that are not kept yet stay where they were."""
        asks = StepAhead(self.step, None, self.presenter).asks
        return [PromiseForm(member, promise_field(member) == asks) for member in self.members]

    @property
    def keeper(self) -> Enrolment | None:
        return self._still_here(self.run.process_keeper)

    def _still_here(self, one: Enrolment | None) -> Enrolment | None:
        return next((member for member in self.members if member == one), None)

    @cached_property
    def ends_at(self) -> datetime:
        return ends_at(self.run, self.step, self.now)

    @property
    def seconds_left(self) -> int:
        return max(0, round((self.ends_at - self.now).total_seconds()))

    @property
    def clock(self) -> str:
        return f"{self.seconds_left // 60}:{self.seconds_left % 60:02}"

    @property
    def whole_seconds(self) -> int:
        return (self.step.minutes + self.run.extra_minutes) * 60

    @property
    def share_left(self) -> int:
        """Of this step's time, in percent."""
        return min(100, 100 * self.seconds_left // self.whole_seconds)

    @property
    def parts(self) -> list[tuple[Step, str]]:
        """The steps of the agenda's present item, each gone, now or to come."""
        places = [(place, one) for place, one in enumerate(self.steps) if one.item == self.step.item]
        return [
            (one, "gone" if place < self.place else "now" if place == self.place else "ahead") for place, one in places
        ]

    @cached_property
    def bars(self) -> list[dict[str, float]]:
        """The whole meeting as pills on one line: where each begins, how long it is, and how much has gone."""
        items = [list(steps) for _item, steps in groupby(enumerate(self.steps), key=lambda one: one[1].item)]
        room = WIDE - GAP * (len(items) - 1)
        scale = room / sum(step.minutes for step in self.steps)
        bars, x = [], 0.0
        for item in items:
            width = scale * sum(step.minutes for _place, step in item)
            gone = scale * sum(step.minutes for place, step in item if place < self.place)
            bars.append({"x": round(x, 1), "width": round(width, 1), "gone": round(gone, 1)})
            x += width + GAP
        return bars
