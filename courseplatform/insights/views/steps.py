"""The larger steps of a cohort: taken over, completed, archived, cancelled. Said first, done after a yes."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.setting_up.forms import ReasonForm
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import replan
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest

STEPS = ("take-over", "complete", "archive", "cancel")


@login_required
@require_http_methods(["GET", "POST"])
def cohort_step(request: PersonRequest, pk: UUID, step: str) -> HttpResponse:
    """One page for each step; a step the state does not allow is a Refusal."""
    cohort = run_by(request.user, pk)
    if step not in STEPS:
        raise Http404
    form = ReasonForm(request.POST or None) if step == "cancel" else None
    if request.method == "POST" and (form is None or form.is_valid()):
        _take(step, cohort, request.user, form.cleaned_data["reason"] if form else "")
        return redirect("cohort", cohort.pk)
    on_it = cohort.enrolments.filter(state__in=Enrolment.TAKING_PART).count()
    return render(request, "insights/step.html", {"cohort": cohort, "step": step, "form": form, "people": on_it})


@transaction.atomic
def _take(step: str, cohort: Cohort, by: User, reason: str) -> None:
    now = clock.now()
    if step == "take-over":
        cohorts.take_over(cohort, by=by, now=now)
    elif step == "complete":
        cohorts.complete(cohort, now=now)
    elif step == "archive":
        cohorts.archive(cohort, now=now)
    else:
        cohorts.cancel(cohort, reason=reason, now=now)
    plan_invitations(cohort, now)
    replan(cohort, now)
