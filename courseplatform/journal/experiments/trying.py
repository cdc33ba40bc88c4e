"""What the pages say about a question and an experiment: opened for somebody the querysets have let in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.journal.experiments.days import WITH_AUTHOR, day_of
from courseplatform.journal.experiments.projects import question_of
from courseplatform.journal.experiments.sealed_texts import Texts, texts_of
from courseplatform.journal.models import Experiment, InquiryQuestion, Observation, Project
from courseplatform.people.models import User
from courseplatform.people.privacy import sealing
from lessons.shape import Lesson, Programme, TrackKind

State = Experiment.State


@dataclass(frozen=True)
class Trial:
    """An experiment with its words. `next_day` is when its owner next has something to do; `repr` shows no word."""

    experiment: Experiment
    words: Texts = field(repr=False)
    next_day: date | None
    is_late: bool

    @property
    def title(self) -> str:
        return self.words.get("title", "")

    @property
    def plan(self) -> tuple[str, str] | None:
        """The if and the then, ready to stand in one sentence; None before both are written."""
        situation, action = (self.words.get(name, "").strip().rstrip(".!?") for name in ("if_situation", "then_action"))
        return (situation, action) if situation and action else None


def trial(experiment: Experiment, now: datetime) -> Trial:
    """Raises what `sealing.unseal` raises."""
    today = day_of(experiment, now)
    days = {State.PLANNED: experiment.starts_on, State.RUNNING: experiment.due_on}
    next_day = days.get(State(experiment.state))
    return Trial(experiment, texts_of(experiment), next_day, is_late=bool(next_day and next_day < today))


def trials(experiments: Iterable[Experiment], now: datetime) -> list[Trial]:
    """What is under way first, then what is ahead, then ideas, then what is over; whose key is gone is left out."""
    order = [State.RUNNING, State.PLANNED, State.DONE, State.STOPPED, State.IDEA, State.REFLECTED]
    found = []
    for one in sorted(experiments, key=lambda one: order.index(State(one.state))):
        try:
            found.append(trial(one, now))
        except sealing.KeyDestroyedError:
            continue
    return found


def my_experiment(enrolment: Enrolment, now: datetime) -> Trial | None:
    """The one that needs its owner next, for I dag: under way, ahead, or over and not thought through yet."""
    own = Experiment.objects.by(enrolment.person).filter(enrolment=enrolment).exclude(state=State.REFLECTED)
    found = trials(own.select_related(*WITH_AUTHOR), now)
    return found[0] if found else None


@dataclass(frozen=True)
class Wording:
    """One wording of a question, opened."""

    question: InquiryQuestion
    words: Texts = field(repr=False)

    @property
    def text(self) -> str:
        return self.words["text"]


def present_wording(project: Project) -> Wording | None:
    """The question as it is asked now."""
    question = question_of(project)
    return Wording(question, texts_of(question)) if question else None


def earlier_wordings(project: Project) -> list[Wording]:
    """What was asked before, newest first; for the author alone (MODEL I14)."""
    before = list(project.questions.filter(is_current=False))
    for one in before:
        one.project = project
    return [Wording(one, texts_of(one)) for one in before]


@dataclass(frozen=True)
class Seen:
    """One observation, opened."""

    observation: Observation
    text: str = field(repr=False)


def seen(experiment: Experiment) -> list[Seen]:
    """What was seen, in the order it was."""
    found = list(experiment.observations.all())
    for one in found:
        one.experiment = experiment
    return [Seen(one, texts_of(one)["text"]) for one in found]


def reader_may_open(experiment: Experiment, reader: User) -> bool:
    """Whether the plan and what was seen is for this reader, too, at this moment."""
    return Experiment.objects.opened_to(reader).filter(pk=experiment.pk).exists()


def who_ask(reader: User) -> set[UUID]:
    """The enrolments of others whose question this reader may see now. One query."""
    return set(Project.objects.shown_to(reader).values_list("enrolment", flat=True))


def who_have_tried(cohort: Cohort) -> set[UUID]:
    """The enrolments with an experiment that has begun; to be counted, never to be shown. One query."""
    begun = Experiment.objects.filter(enrolment__cohort=cohort, started_at__isnull=False)
    return set(begun.order_by().values_list("enrolment", flat=True))


def lesson_about_questions(whole: Programme) -> Lesson | None:
    """Where the programme teaches to ask: the first lesson on action learning."""
    modules = (one for track in whole.tracks if track.kind == TrackKind.ACTION for one in track.modules)
    return next((lesson for module in modules for lesson in module.lessons), None)


def lesson_about_experiments(whole: Programme) -> Lesson | None:
    """Where it teaches to try: the lesson that asks about an experiment."""
    asked = {one.key for one in whole.prompts if one.anchor.startswith("experiment_")}
    return next((one for one in whole.lessons if asked & set(one.prompts)), None)
