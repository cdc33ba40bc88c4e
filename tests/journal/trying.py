"""An experiment at each stop of its way, as its owner gets it there."""

from datetime import date
from uuid import uuid4

from courseplatform.journal.experiments import observations, plans, projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.insights import sharing
from courseplatform.journal.insights import writing as insights
from courseplatform.journal.models import Experiment, PeerQuestion
from courseplatform.journal.reflections import writing
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
LINES = {
    "situation": "Et tavlemøde, hvor ingen sagde noget",
    "did": "Jeg spurgte først og ventede i ti sekunder",
    "now": "Jeg begynder hvert møde med et spørgsmål",
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


def thought_through(enrolment, **changes):
    """Carried out, and its author has written what they make of it."""
    experiment = running(enrolment, **changes)
    experiments.finish(experiment, NOW)
    entry = {"pk": uuid4(), "message": None, "prompt_key": "", "model_key": "free", "on": NOW.date()}
    reflection = writing.begin(enrolment, experiment=experiment, **entry)
    writing.save(reflection, {"text": "Det var spørgsmålet, der virkede"}, edition=reflection.edition, now=NOW)
    experiment.refresh_from_db()
    return experiment


def insight(enrolment, lines=LINES, level="private"):
    """What an experiment taught its author, shared at that level."""
    fresh = insights.begin(thought_through(enrolment))
    insights.keep(fresh, lines, edition=fresh.edition)
    if level != "private":
        sharing.share(fresh, level, edition=fresh.edition, now=NOW)
    return fresh


def asked(text, person, words="Hvad tror du selv, aftenvagten mangler?", kind="question", *, now=NOW):
    """What that person asks about somebody's text."""
    pk = uuid4()
    peer_questions.ask(text, pk, words, kind, by=person, now=now)
    return PeerQuestion.objects.select_related("author").get(pk=pk)


def see(experiment, text="Tre af fem spurgte, hvad systemet foreslog"):
    return observations.note(experiment, uuid4(), text, seen_at=NOW, now=NOW)
