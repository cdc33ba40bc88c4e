"""What the demo people ask, try and see: each step through the function its page uses, on its own day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from courseplatform.cohorts.models import Enrolment
from courseplatform.cohorts.transitions import seat
from courseplatform.journal.experiments import observations, plans, projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.days import day_of
from courseplatform.journal.models import Experiment, Project
from courseplatform.journal.reflections import writing
from courseplatform.outbox.models import Message
from demo import peers

STORIES = Path(__file__).parent / "stories.yaml"
WORKING_WEEK = 5
ASKED_AFTERWARDS = "p-action-reflect"
COLUMNS = ("first", "last", "risk")  # of a plan; the rest of it are words


def weekday(today: date, number: int) -> date:
    """That many weekdays from today; from Monday on a weekend."""
    base = today + timedelta(days=7 - today.weekday()) if today.weekday() >= WORKING_WEEK else today
    weeks, rest = divmod(base.weekday() + number, WORKING_WEEK)
    return base - timedelta(days=base.weekday()) + timedelta(weeks=weeks, days=rest)


@dataclass
class Manager:
    """Somebody with a question, and the experiment they are on. `today` is the day the demo is built."""

    enrolment: Enrolment
    today: date
    experiment: Experiment | None = None

    @property
    def project(self) -> Project:
        return projects.begin(self.enrolment)

    @property
    def trial(self) -> Experiment:
        if self.experiment is None:
            raise ValueError("A story plans something before it goes on with it.")
        return self.experiment

    def days(self, plan: dict[str, Any]) -> dict[str, date]:
        """The plan's first and last day."""
        return {"starts_on": weekday(self.today, plan["first"]), "due_on": weekday(self.today, plan["last"])}


def managers(enrolments: dict[str, Enrolment], today: date) -> dict[str, Manager]:
    """Those who have a story, by key."""
    return {key: Manager(enrolments[key], today) for key in _stories()}


def live(people: dict[str, Manager], day: date, now: datetime) -> None:
    """What their stories say of that day."""
    for key, manager in people.items():
        for step in _stories()[key]:
            if weekday(manager.today, step["day"]) == day:
                verb, said = next((name, value) for name, value in step.items() if name != "day")
                VERBS[verb](manager, said, now)


@lru_cache(maxsize=1)
def _stories() -> dict[str, list[dict[str, Any]]]:
    stories: dict[str, list[dict[str, Any]]] = yaml.safe_load(STORIES.read_text(encoding="utf-8"))
    return stories


# --- The question ----------------------------------------------------------------------------------------------------
def _ask(manager: Manager, said: dict[str, str], now: datetime) -> None:
    project = manager.project
    projects.ask(project, {"note": ""} | said, edition=project.edition, now=now)


def _let_go(manager: Manager, reason: str, now: datetime) -> None:
    projects.abandon(manager.project, reason, now)


# --- The experiment --------------------------------------------------------------------------------------------------
def _idea(manager: Manager, words: dict[str, str], now: datetime) -> None:
    """Left as an idea; what is under way stays under way."""
    begun = experiments.begin(manager.project, uuid4(), now)
    plans.keep(begun, words, edition=begun.edition)


def _plan(manager: Manager, plan: dict[str, Any], now: datetime) -> None:
    manager.experiment = experiments.begin(manager.project, uuid4(), now)
    words = {name: text for name, text in plan.items() if name not in COLUMNS}
    _make_it_count(manager, words, now, risk_ack=plan.get("risk", False), **manager.days(plan))


def _again(manager: Manager, plan: dict[str, Any], now: datetime) -> None:
    """The next iteration, changed a little."""
    manager.experiment = experiments.again(manager.trial, now)
    experiments.back_to_idea(manager.experiment, now)
    words = {name: text for name, text in plan.items() if name not in COLUMNS}
    _make_it_count(manager, words, now, **manager.days(plan))


def _make_it_count(manager: Manager, words: dict[str, str], now: datetime, **columns: Any) -> None:
    plans.keep(manager.trial, words, edition=manager.trial.edition, **columns)
    experiments.plan(manager.trial, now)


def _start(manager: Manager, _said: bool, now: datetime) -> None:
    experiments.start(manager.trial, now)


def _see(manager: Manager, text: str, now: datetime) -> None:
    observations.note(manager.trial, uuid4(), text, seen_at=now, now=now)


def _share(manager: Manager, level: str, now: datetime) -> None:
    manager.trial.refresh_from_db()
    observations.share(manager.trial, level, now)


def _finish(manager: Manager, _said: bool, now: datetime) -> None:
    experiments.finish(manager.trial, now)


def _stop(manager: Manager, reason: str, now: datetime) -> None:
    experiments.stop(manager.trial, reason, now)


def _reflect(manager: Manager, texts: dict[str, str], now: datetime) -> None:
    """The answer to the question about it, where that has come."""
    trial, person = manager.trial, manager.enrolment.person
    asked = Message.objects.of(person).filter(occurrence_key__startswith=f"{trial.pk}:", sent_at__isnull=False)
    entry = writing.begin(
        manager.enrolment,
        pk=uuid4(),
        message=asked.filter(template=ASKED_AFTERWARDS).order_by("-sent_at").first(),
        prompt_key="",
        model_key="experiment-log",
        on=day_of(trial, now),
        experiment=trial,
    )
    writing.save(entry, texts, edition=entry.edition, now=now, model_key="experiment-log")


# --- The group, and those who read on ---------------------------------------------------------------------------------
def _asks(manager: Manager, said: dict[str, str], now: datetime) -> None:
    peers.ask(manager.enrolment, said, now)


def _answers(manager: Manager, said: dict[str, str], now: datetime) -> None:
    peers.answer(manager.enrolment, said, now)


def _learn(manager: Manager, said: dict[str, str], now: datetime) -> None:
    peers.learn(manager.trial, said, now)


# --- The seat --------------------------------------------------------------------------------------------------------
def _sends(manager: Manager, colleague: dict[str, str], now: datetime) -> None:
    """A colleague to the coming workshop; one whom HR does not know yet waits for HR."""
    cohort, person = manager.enrolment.cohort, manager.enrolment.person
    workshop = cohort.workshops.filter(state="scheduled", starts_at__gt=now).order_by("starts_at")[0]
    seat.ask(workshop, manager.enrolment, colleague["email"], colleague.get("name", ""), by=person, now=now)


VERBS: dict[str, Callable[[Manager, Any, datetime], None]] = {
    "ask": _ask,
    "let_go": _let_go,
    "idea": _idea,
    "plan": _plan,
    "again": _again,
    "start": _start,
    "see": _see,
    "share": _share,
    "finish": _finish,
    "stop": _stop,
    "reflect": _reflect,
    "asks": _asks,
    "answers": _answers,
    "learn": _learn,
    "sends": _sends,
}
