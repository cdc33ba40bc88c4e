"""An experiment at each stop of its way, as its owner gets it there."""

from datetime import date
from uuid import uuid4

from courseplatform.journal.experiments import observations, plans, projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.models import Experiment
from tests.journal.conftest import NOW

QUESTION = "Hvordan kan jeg lede indførelsen, så aftenvagten får hjælp?"
PLAN = {
    "title": "Spørg ved tavlen",
    "hypothesis": "To af fem siger noget",
    "if_situation": "mandagens tavlemøde når til borgerhenvendelser",
    "then_action": "spørger jeg først, hvad systemet foreslog",
    "observe_how": "Jeg tæller, hvem der svarer",
    "who_knows": "Teamet",
    "stop_when": "nogen bliver kede af det",
}
DAYS = {"starts_on": date(2026, 11, 2), "due_on": date(2026, 11, 20)}


def ask(enrolment, text=QUESTION, *, note="", now=NOW):
    """The project with that question."""
    project = projects.begin(enrolment)
    projects.ask(project, {"title": "Tavlen", "text": text, "note": note}, edition=project.edition, now=now)
    return project


def idea(enrolment, **changes):
    """All that a plan needs, not planned yet; with these changes."""
    project = projects.current(enrolment)
    if project is None or project.state == "draft":
        project = ask(enrolment)
    experiment = experiments.begin(project, uuid4(), NOW)
    words = PLAN | {name: text for name, text in changes.items() if name in PLAN}
    columns = {"risk_ack": True} | DAYS | {name: value for name, value in changes.items() if name not in PLAN}
    plans.keep(experiment, words, edition=experiment.edition, **columns)
    return Experiment.objects.select_related("enrolment__person", "project__enrolment__person").get(pk=experiment.pk)


def planned(enrolment, **changes):
    experiment = idea(enrolment, **changes)
    experiments.plan(experiment, NOW)
    return experiment


def running(enrolment, **changes):
    experiment = planned(enrolment, **changes)
    experiments.start(experiment, NOW)
    return experiment


def see(experiment, text="Tre af fem spurgte, hvad systemet foreslog"):
    return observations.note(experiment, uuid4(), text, seen_at=NOW, now=NOW)
