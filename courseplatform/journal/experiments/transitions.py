"""An experiment's way: idea → planned → running → done or stopped → reflected (MODEL §3).

Each step is one statement that finds the experiment where it must stand, so that a double tap does nothing twice.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.dates import dates_of
from courseplatform.cohorts.transitions.guard import change
from courseplatform.journal.experiments import projects
from courseplatform.journal.experiments.days import as_planned, day_of, round_of, tell_outbox
from courseplatform.journal.experiments.plans import problems_with
from courseplatform.journal.experiments.rounds import LONGEST, proposed_days
from courseplatform.journal.experiments.sealed_texts import draft_of, draft_without, sealed, texts_of, unseen
from courseplatform.journal.experiments.thought_through import thought_through
from courseplatform.journal.models import Experiment, Project
from courseplatform.journal.reflections.leftovers import keep_as_note
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

State = Experiment.State
LONGEST_REASON = 300


def begin(project: Project, pk: UUID, now: datetime) -> Experiment:
    """A new idea called `pk`, with days proposed from the rounds. Twice makes it once.

    Raises Refusal while the project has no question or is over.
    """
    if project.state not in (Project.State.FRAMED, Project.State.IN_PROGRESS):
        raise Refusal(_("Ask your question first. Then you can try something."), state=project.get_state_display())
    starts_on, due_on = proposed_days(dates_of(project.enrolment.cohort), day_of(project, now))
    return _made(Experiment(pk=pk, project=project, starts_on=starts_on, due_on=due_on), {})


def _made(fresh: Experiment, texts: dict[str, str]) -> Experiment:
    """The new row, or the one that a first tap has made."""
    fresh.enrolment, fresh.created_by = fresh.project.enrolment, fresh.project.author
    fresh.sealed = sealed(fresh, texts)
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        own = Experiment.objects.by(fresh.author)
        return own.get(predecessor=fresh.predecessor) if fresh.predecessor else own.get(pk=fresh.pk)
    return fresh


@transaction.atomic
def plan(experiment: Experiment, now: datetime) -> None:
    """idea → planned. Raises Refusal while something is missing, or it would last longer than 21 days (MODEL I15)."""
    today = day_of(experiment, now)
    if problems := problems_with(experiment, today):
        raise Refusal(problems[0].sentence, state=experiment.get_state_display())
    sentence = _("Only an idea can be planned.")
    # What was looked at, and not what another page has put there since.
    unchanged = {"edition": experiment.edition}
    _change(experiment, State.PLANNED, [State.IDEA], sentence, now, unchanged=unchanged, round_key=round_of(experiment))


@transaction.atomic
def back_to_idea(experiment: Experiment, now: datetime) -> None:
    """planned → idea: the plan can be changed, and the round's days count again."""
    sentence = _("Only what is planned and has not begun can be changed. Stop it, or carry it out.")
    _change(experiment, State.IDEA, [State.PLANNED], sentence, now)


@transaction.atomic
def start(experiment: Experiment, now: datetime) -> None:
    """planned → running; begun earlier than planned, it counts from today. The project is in progress with it."""
    today = day_of(experiment, now)
    starts_on, due_on = as_planned(experiment)
    starts_on = min(starts_on, today)
    if due_on < today:
        raise Refusal(_("Its last day has passed. Change the plan, and give it new days."), state=_state(experiment))
    days = {"starts_on": starts_on, "due_on": min(due_on, starts_on + LONGEST), "started_at": now}
    _change(experiment, State.RUNNING, [State.PLANNED], _("Only what is planned can begin."), now, **days)
    projects.set_going(experiment.project_id, now)


@transaction.atomic
def finish(experiment: Experiment, now: datetime) -> None:
    """running → done, and thought through at once where a reflection is there already.

    A reason to stop that was begun becomes a draft in the log; an observation can still be gone on with.
    """
    sentence, begun = _("Only what is under way can be finished."), draft_of(experiment).get("reason", "")
    end = {"ended_at": now, "sealed_draft": draft_without(experiment, "reason")}
    _change(experiment, State.DONE, [State.RUNNING], sentence, now, **end)
    keep_as_note(experiment.enrolment, [begun], now)
    thought_through(experiment.pk, now)


@transaction.atomic
def stop(experiment: Experiment, reason: str, now: datetime, *, edition: int | None = None) -> None:
    """planned or running → stopped, with a reason. An ending as good as any: it can be reflected on, and tried anew.

    Another reason, which another device has begun unseen by the writer of `edition`, becomes a draft in the log; an
    observation that was begun can still be gone on with.
    """
    kept = _why(experiment, reason)
    other = unseen(experiment, "reason", kept, edition)
    content = sealed(experiment, texts_of(experiment) | {"reason": kept})
    draft = draft_without(experiment, "reason")
    end = {"sealed": content, "sealed_draft": draft, "ended_at": now, "was_stopped": True}
    sentence = _("Only what is planned or under way can be stopped.")
    _change(experiment, State.STOPPED, [State.PLANNED, State.RUNNING], sentence, now, **end)
    keep_as_note(experiment.enrolment, [other], now)
    thought_through(experiment.pk, now)


def _why(experiment: Experiment, reason: str) -> str:
    """The reason as it is kept. Raises Refusal."""
    kept = tidy(reason)
    if not kept:
        raise Refusal(_("Say in a line why you stop. It is what you have learned so far."), state=_state(experiment))
    if length(kept) > LONGEST_REASON:
        raise Refusal(_("Say it in 300 characters at most."), state=_state(experiment))
    if experiment.is_shared and has_cpr_like_number(kept):
        raise Refusal(projects.CPR, state=_state(experiment))
    return kept


@transaction.atomic
def again(experiment: Experiment, now: datetime) -> Experiment:
    """The next iteration: the same plan with new days, planned. Twice gives the same one. The old one stays.

    Raises Refusal while this one has not ended, and once its project is over.
    """
    if experiment.state not in Experiment.ENDED:
        raise Refusal(_("Finish or stop it first. Then it can be tried again."), state=_state(experiment))
    if experiment.project.state not in Project.CURRENT:
        raise Refusal(_("The project is over."), state=experiment.project.get_state_display())
    starts_on, due_on = proposed_days(dates_of(experiment.enrolment.cohort), day_of(experiment, now))
    words = {name: text for name, text in texts_of(experiment).items() if name != "reason"}
    following = Experiment(
        project=experiment.project,
        predecessor=experiment,
        iteration=experiment.iteration + 1,
        state=State.PLANNED,
        starts_on=starts_on,
        due_on=due_on,
        risk_ack=experiment.risk_ack,
    )
    following.enrolment = experiment.enrolment
    following.round_key = round_of(following)
    made = _made(following, words)
    tell_outbox(made)
    return made


@transaction.atomic
def discard(experiment: Experiment) -> None:
    """Throw an idea away, for good. Raises Refusal for anything that was planned. Safe to repeat."""
    Experiment.objects.filter(pk=experiment.pk, state=State.IDEA).delete()
    if Experiment.objects.filter(pk=experiment.pk).exists():
        raise Refusal(_("Only an idea can be thrown away. What was planned can be stopped."), state=_state(experiment))


def _state(experiment: Experiment) -> object:
    return experiment.get_state_display()


def _change(
    experiment: Experiment, to: str, allowed_from: list[State], sentence: object, now: datetime, **fields: Any
) -> None:
    change(experiment, to, allowed_from=allowed_from, sentence=sentence, now=now, **fields)
    tell_outbox(experiment)
