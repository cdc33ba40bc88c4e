"""Prøvehandlinger: mine, one of them, its steps between two states, and who may read it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments import observations, projects
from courseplatform.journal.experiments import transitions as steps
from courseplatform.journal.experiments.days import WITH_AUTHOR, day_of
from courseplatform.journal.experiments.plans import problems_with
from courseplatform.journal.experiments.readers import readers_of
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of
from courseplatform.journal.experiments.trying import (
    Wording,
    earlier_wordings,
    lesson_about_experiments,
    present_wording,
    reader_may_open,
    seen,
    trial,
    trials,
)
from courseplatform.journal.forms import ShareForm
from courseplatform.journal.groups.peer_questions_page import Asked, asked_about
from courseplatform.journal.insights import writing as insights
from courseplatform.journal.models import Experiment, Project, Reflection
from courseplatform.journal.private_pages import reading_page
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views.question import own_enrolment
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record_daily
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme

ITS_OWN = ("enrolment__person__key", "enrolment__cohort__municipality", "project", "predecessor")
PURPOSE = gettext_lazy("Looked at your question and your experiments")


@reading_page
def mine(request: PersonRequest) -> HttpResponse:
    """My question and my experiments, with what comes next; to read alone once I am on no cohort any more."""
    enrolment, now = _enrolment_shown(request), clock.now()
    if enrolment is None:
        return render(request, "journal/no_experiments.html")
    project = projects.current(enrolment)
    wording, earlier = (present_wording(project), earlier_wordings(project)) if project else (None, [])
    before = [_ended(one) for one in _ended_projects(enrolment.pk)]
    own = Experiment.objects.by(request.user).filter(enrolment=enrolment).select_related(*ITS_OWN)
    context = {
        "cohort": enrolment.cohort,
        "is_over": enrolment.is_over,
        "project": project,
        "wording": wording,
        "earlier": earlier,
        "asked": _asked_by_the_group([wording, *earlier, *(one["wording"] for one in before)], request.user),
        "trials": trials(own, now),
        "lesson": lesson_about_experiments(programme(enrolment.cohort.programme_version.digest)),
        "fresh_id": uuid4(),
        "before": before,
        "hold": request.GET.get("hold", ""),
    }
    return render(request, "journal/experiments.html", context)


def _enrolment_shown(request: PersonRequest) -> Enrolment | None:
    """That of `?hold=`, else the latest that is not over, else the latest. Raises Http404 for a cohort of others."""
    own = list(Enrolment.objects.been_on(request.user))
    if chosen := request.GET.get("hold"):
        own = [one for one in own if str(one.cohort_id) == chosen]
        if not own:
            raise Http404
    return next(iter(sorted(own, key=lambda one: one.is_over)), None)


def _asked_by_the_group(wordings: list[Wording | None], author: User) -> list[Asked]:
    """About my question as it is, as it was, and about those I have finished with."""
    return asked_about([one.question for one in wordings if one], author, clock.now())


def _ended_projects(enrolment: UUID) -> list[Project]:
    ended = Project.objects.filter(enrolment=enrolment).exclude(state__in=Project.CURRENT)
    return list(ended.select_related(*WITH_AUTHOR).order_by("-ended_at"))


def _ended(project: Project) -> dict[str, Any]:
    return {"project": project, "wording": present_wording(project), "words": texts_of(project)}


@reading_page
def one(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One experiment: mine with its next step, or as much of somebody else's as I may see at this moment."""
    found = Experiment.objects.visible_to(request.user).select_related(*ITS_OWN)
    experiment = get_object_or_404(found, pk=pk)
    if experiment.author == request.user:
        return render(request, "journal/experiment.html", _own_page(experiment))
    author = experiment.author
    record_daily(request.user, "read", experiment, about=author, purpose=purpose(author), now=clock.now())
    is_open = reader_may_open(experiment, request.user)
    context = {"trial": trial(experiment, clock.now()), "author": author, "is_open": is_open}
    context["seen"] = seen(experiment) if is_open else []
    context["asked"] = asked_about([experiment], request.user, clock.now()) if is_open else []
    context |= {"may_ask": is_open and experiment.takes_questions, "is_closed": is_open, "fresh_id": uuid4()}
    context["is_facilitator"] = experiment.enrolment.cohort.facilitators.filter(pk=request.user.pk).exists()
    return render(request, "journal/experiment_shared.html", context)


def purpose(author: User) -> str:
    """In the language of the person it is about: they read it on their own page."""
    with override(author.language):
        return str(PURPOSE)


def _own_page(experiment: Experiment) -> dict[str, Any]:
    now = clock.now()
    made_of_it = Reflection.objects.by(experiment.author).filter(experiment=experiment).order_by("created_at")
    successor = Experiment.objects.filter(predecessor=experiment).first()
    return {
        "trial": trial(experiment, now),
        "begun": experiment.state in Experiment.ENDED and draft_of(experiment).get("text"),
        "problems": problems_with(experiment, day_of(experiment, now)) if experiment.state == "idea" else [],
        "seen": seen(experiment),
        "reflections": list(made_of_it),
        "successor": successor,
        "insight": insights.of(experiment) if experiment.state == Experiment.State.REFLECTED else None,
        "share_form": ShareForm(initial={"visibility": experiment.visibility}),
        "readers": readers_of(experiment),
        "project_is_open": experiment.project.state in Project.CURRENT,
        "asked": asked_about([experiment], experiment.author, now),
        "looks": AuditEvent.objects.filter(object_id=str(experiment.pk), about=experiment.author).select_related(
            "actor"
        ),
    }


@login_required
@require_POST
def new(request: PersonRequest) -> HttpResponse:
    """Begin an idea; the same tap twice begins one."""
    project = projects.current(own_enrolment(request))
    if project is None:
        return redirect("question")
    experiment = steps.begin(project, _posted_id(request), clock.now())
    return redirect("experiment-step", experiment.pk, "hvad")


def _posted_id(request: PersonRequest) -> UUID:
    try:
        posted = UUID(request.POST["entry"]) if "entry" in request.POST else uuid4()
    except ValueError as no_id:
        raise Http404 from no_id
    taken = Experiment.objects.filter(pk=posted).exclude(pk__in=Experiment.objects.by(request.user).values("pk"))
    return uuid4() if taken.exists() else posted


def own(request: PersonRequest, pk: UUID) -> Experiment:
    """The person's own experiment. Raises Http404 for anybody else's."""
    related = (*ITS_OWN, "enrolment__cohort__programme_version", "project__enrolment__person__key")
    return get_object_or_404(Experiment.objects.by(request.user).select_related(*related), pk=pk)


@login_required
@require_POST
def change(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One step of MODEL §3, as `to` says. A forbidden one is refused with where it stands."""
    to, now = request.POST.get("to", ""), clock.now()
    if to == "discard":
        return _discard(request, pk)
    experiment = own(request, pk)
    if to == experiment.state:  # tapped twice
        return redirect("experiment", pk)
    if to == "again":
        return redirect("experiment", steps.again(experiment, now).pk)
    step = {"idea": steps.back_to_idea, "running": steps.start, "done": steps.finish}.get(to)
    if step:
        step(experiment, now)
    return redirect("experiment", pk)


def _discard(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A second press finds no idea, and says the same."""
    if Experiment.objects.filter(pk=pk).exists():
        steps.discard(own(request, pk))
    messages.success(request, _("The idea is thrown away."), extra_tags="good")
    return redirect("experiments")


@login_required
@require_POST
def share(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Set who may read the plan and what was seen; takes effect at everybody's next request."""
    experiment = own(request, pk)
    try:
        observations.share(experiment, request.POST.get("visibility", ""), clock.now())
    except StaleError:
        sentence = _("It has just been changed. Look at it, and choose again.")
        messages.error(request, sentence, extra_tags="wrong")
    else:
        messages.success(request, readers_of(experiment), extra_tags="good")
    return redirect("experiment", pk)
