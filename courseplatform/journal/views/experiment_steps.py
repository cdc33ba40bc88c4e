"""One screen a step: the four of the plan, stopping, what was seen, and what is made of it."""

from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.journal.experiments import observations, plans
from courseplatform.journal.experiments import transitions as steps
from courseplatform.journal.experiments.days import day_of
from courseplatform.journal.experiments.forms import (
    IfThenForm,
    KeptForm,
    SeeForm,
    SeenForm,
    StopForm,
    WhatForm,
    WhenForm,
)
from courseplatform.journal.experiments.readers import readers_of
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of, unseen
from courseplatform.journal.experiments.trying import trial
from courseplatform.journal.models import Experiment, Reflection
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections.desk import Desk
from courseplatform.journal.reflections.leftovers import keep_as_note
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views import kept_form
from courseplatform.journal.views.experiments import own
from courseplatform.journal.views.question import ELSEWHERE, WHICH
from courseplatform.journal.views.writing_page import respond
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import has_cpr_like_number
from lessons.versions import programme

STEPS: dict[str, tuple[type[KeptForm], Any]] = {
    "hvad": (WhatForm, gettext_lazy("What do you want to try?")),
    "hvis-saa": (IfThenForm, gettext_lazy("In which situation?")),
    "se-efter": (SeeForm, gettext_lazy("What will you look for?")),
    "hvornaar": (WhenForm, gettext_lazy("When, and until when?")),
}
NAMES = list(STEPS)


# --- The plan --------------------------------------------------------------------------------------------------------
@writing_page
def step(request: PersonRequest, pk: UUID, step: str) -> HttpResponse:
    """Keeps what is there and goes on; the last step plans it, or says what is missing and where."""
    experiment = own(request, pk)
    if step not in STEPS:
        raise Http404
    is_planned_twice = step == NAMES[-1] and experiment.state == Experiment.State.PLANNED and not is_autosave(request)
    if experiment.state != Experiment.State.IDEA and (request.method != "POST" or is_planned_twice):
        return redirect("experiment", pk)
    if request.method != "POST":
        return _step_page(request, experiment, step, _step_form(experiment, step))
    form = STEPS[step][0](request.POST)
    if not form.is_valid():
        return _step_page(request, experiment, step, form, status=422)
    if is_autosave(request):
        return kept_form.keep_quietly(request, form, experiment, lambda: _keep(experiment, form))
    if kept_form.takes_other(request):
        return redirect("experiment-step", pk, step)
    return _go_on(request, experiment, step, form)


def _keep(experiment: Experiment, form: KeptForm) -> None:
    plans.keep(experiment, form.texts(), edition=form.cleaned_data["edition"], **form.columns())


def _go_on(request: PersonRequest, experiment: Experiment, name: str, form: KeptForm) -> HttpResponse:
    try:
        _keep(experiment, form)
    except StaleError:
        form, other = kept_form.with_both(form, experiment, texts_of(experiment))
        return _step_page(request, experiment, name, form, status=409, problem=ELSEWHERE, other=other)
    if name != NAMES[-1]:
        return redirect("experiment-step", experiment.pk, NAMES[NAMES.index(name) + 1])
    now = clock.now()
    if problems := plans.problems_with(experiment, day_of(experiment, now)):
        missing = [(_step_of(one.field), one.sentence) for one in problems]
        return _step_page(request, experiment, name, _step_form(experiment, name), status=422, missing=missing)
    steps.plan(experiment, now)
    return redirect("experiment", experiment.pk)


def _step_of(field: str) -> str:
    field = {"risk_ack": "risk"}.get(field, field)
    return next(name for name, (form, _title) in STEPS.items() if field in form.base_fields)


def _step_form(experiment: Experiment, name: str) -> KeptForm:
    risk = {None: "", False: "no", True: "yes"}[experiment.risk_ack]
    columns = {"starts_on": experiment.starts_on, "due_on": experiment.due_on, "risk": risk}
    return kept_form.blank(STEPS[name][0], experiment, **texts_of(experiment), **columns)


def _step_page(
    request: PersonRequest, experiment: Experiment, name: str, form: KeptForm, **context: Any
) -> HttpResponse:
    number = NAMES.index(name)
    context |= {
        "experiment": experiment,
        "title": STEPS[name][1],
        "number": number + 1,
        "steps": len(NAMES),
        "before": NAMES[number - 1] if number else "",
        "is_last": name == NAMES[-1],
        "readers": readers_of(experiment),
    }
    return kept_form.page(request, "journal/experiment_step.html", form, **context)


# --- Stopping --------------------------------------------------------------------------------------------------------
@writing_page
def stop(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Say why, and stop. It can be reflected on and tried anew like any other ending."""
    experiment = own(request, pk)
    if request.method != "POST":
        if experiment.was_stopped:
            return redirect("experiment", pk)
        kept = draft_of(experiment).get("reason", "")
        return _stop_page(request, experiment, kept_form.blank(StopForm, experiment, reason=kept))
    form: KeptForm = StopForm(request.POST)
    if not form.is_valid():
        return _stop_page(request, experiment, form, status=400)
    if experiment.was_stopped:
        return _stopped_before(request, experiment, form)
    if is_autosave(request):
        return kept_form.keep_quietly(request, form, experiment, lambda: _keep_draft(experiment, form))
    reason, edition = form.texts()["reason"], form.cleaned_data["edition"]
    try:
        steps.stop(experiment, reason, clock.now(), edition=edition)
    except Refusal as refusal:  # what is sent again takes the place of what another device has begun
        keep_as_note(experiment.enrolment, [unseen(experiment, "reason", reason, edition)], clock.now())
        form = kept_form.again(form, experiment)
        return _stop_page(request, experiment, form, status=409, problem=refusal.sentence)
    messages.success(request, _("Stopped, and kept. What did it teach you?"), extra_tags="good")
    return redirect("experiment", pk)


def _stopped_before(request: PersonRequest, experiment: Experiment, form: KeptForm) -> HttpResponse:
    """Tapped twice; or on another device, too, with another reason: that one is kept in its author's log."""
    reason = form.texts()["reason"]
    is_another = reason not in ("", texts_of(experiment).get("reason"))
    if is_autosave(request):
        return kept_form.no_place() if is_another else JsonResponse({"kept": True, "edition": experiment.edition})
    if is_another and keep_as_note(experiment.enrolment, [reason], clock.now()):
        messages.info(request, _("You had stopped it already. What you wrote here is a draft in your log."))
    return redirect("experiment", experiment.pk)


def _stop_page(request: PersonRequest, experiment: Experiment, form: KeptForm, **context: Any) -> HttpResponse:
    context |= {"trial": trial(experiment, clock.now()), "readers": _readers_of_the_rest(experiment)}
    return kept_form.page(request, "journal/experiment_stop.html", form, **context)


def _keep_draft(experiment: Experiment, form: KeptForm) -> None:
    observations.keep_draft(experiment, form.texts(), edition=form.cleaned_data["edition"])


def _readers_of_the_rest(experiment: Experiment) -> str:
    """Who reads what is written here."""
    return readers_of(experiment) if experiment.is_shared else _("Only you can read this.")


# --- What was seen ---------------------------------------------------------------------------------------------------
@writing_page
def observe(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Note what was seen, and when."""
    experiment = own(request, pk)
    if experiment.state not in observations.SEEN_IN:
        sentence = _("There is nothing to see yet. Begin the experiment first.")
        raise Refusal(sentence, state=experiment.get_state_display())
    if request.method != "POST":
        kept = draft_of(experiment).get("text", "")
        form = kept_form.blank(SeenForm, experiment, text=kept, seen_at=timezone.localtime(clock.now()))
        return _seen_page(request, experiment, form, uuid4())
    form = SeenForm(request.POST)
    if not form.is_valid():
        return _seen_page(request, experiment, form, _posted(request), status=422)
    if is_autosave(request):
        keep, finish = partial(_keep_draft, experiment, form), partial(_note_quietly, request, experiment, form)
        return kept_form.keep_quietly(request, form, experiment, keep, finish)
    return _note(request, experiment, form)


def _note(request: PersonRequest, experiment: Experiment, form: KeptForm) -> HttpResponse:
    """Where another device has written since, both texts are shown: one is chosen, or both are noted."""
    chosen = request.POST.get("keep", "")
    if chosen == "other":
        return redirect("experiment-see", experiment.pk)
    there = draft_of(experiment).get("text", "") if chosen == "both" else _other_draft(request, experiment, form)
    problem, warns = _in_the_way(request, experiment, form)
    if problem or warns or (there and not chosen):
        again, other = kept_form.with_both(form, experiment, {"text": there})
        context = {"problem": problem or (WHICH if there else ""), "warns_of_cpr": warns, "other": other}
        return _seen_page(request, experiment, again, _posted(request), status=409 if there else 422, **context)
    _note_it(request, experiment, form, keeps_draft=chosen == "both")
    messages.success(request, _("Noted."), extra_tags="good")
    return redirect("experiment-see" if chosen == "both" else "experiment", experiment.pk)


def _other_draft(request: PersonRequest, experiment: Experiment, form: KeptForm) -> str:
    """What another device is writing and this one has not seen; "" where what was sent has arrived before."""
    there = unseen(experiment, "text", form.texts()["text"], form.cleaned_data["edition"])
    return "" if there and experiment.observations.filter(pk=_posted(request)).exists() else there


def _note_quietly(request: PersonRequest, experiment: Experiment, form: KeptForm) -> str:
    """Where it can be read; "" where something has to be said first. Raises StaleError."""
    if _other_draft(request, experiment, form):
        raise StaleError
    if any(_in_the_way(request, experiment, form)):
        return ""
    _note_it(request, experiment, form)
    return reverse("experiment", args=[experiment.pk])


def _in_the_way(request: PersonRequest, experiment: Experiment, form: KeptForm) -> tuple[object | None, bool]:
    """What is wrong, as a sentence, and whether the author is to be warned of a CPR-like number."""
    text, seen_at = form.texts()["text"], form.cleaned_data["seen_at"]
    problem = observations.problem_with(experiment, text, seen_at, clock.now())
    return problem, not problem and has_cpr_like_number(text) and "cpr-seen" not in request.POST


def _note_it(request: PersonRequest, experiment: Experiment, form: KeptForm, *, keeps_draft: bool = False) -> None:
    text, seen_at = form.texts()["text"], form.cleaned_data["seen_at"]
    pk, now = _posted(request), clock.now()
    observations.note(experiment, pk, text, seen_at=seen_at, now=now, keeps_draft=keeps_draft)


def _seen_page(
    request: PersonRequest, experiment: Experiment, form: KeptForm, fresh_id: UUID, **context: Any
) -> HttpResponse:
    context |= {"trial": trial(experiment, clock.now()), "fresh_id": fresh_id}
    context["readers"] = _readers_of_the_rest(experiment)
    return kept_form.page(request, "journal/experiment_seen.html", form, **context)


def _posted(request: PersonRequest) -> UUID:
    try:
        return UUID(request.POST.get("entry", ""))
    except ValueError as no_id:
        raise Http404 from no_id


@login_required
@require_POST
def forget(request: PersonRequest, pk: UUID, observation: UUID) -> HttpResponse:
    """Erase what was noted."""
    observations.take_away(own(request, pk), observation)
    return redirect("experiment", pk)


# --- What is made of it ----------------------------------------------------------------------------------------------
@writing_page
def reflect(request: PersonRequest, pk: UUID) -> HttpResponse:
    """On the page for all writing: what I make of it. One that was begun is gone on with."""
    experiment = own(request, pk)
    mine = Reflection.objects.by(request.user).filter(experiment=experiment)
    begun = mine.filter(state=Reflection.State.DRAFT).select_related("author", "message", "enrolment").first()
    whole = programme(experiment.enrolment.cohort.programme_version.digest)
    desk = Desk(experiment.enrolment, whole, reflection=begun, experiment=experiment)
    if "entry" in request.POST:
        desk.fresh_id = _posted(request)
        desk.reflection = begun or mine.filter(pk=desk.fresh_id).first()
    return respond(request, desk)
