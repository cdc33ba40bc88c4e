"""Nyt hold, the last two steps: every message as it will be sent, and the yes that opens the cohort."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.setting_up.new_cohort import without_group
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.cohorts.views.hr_dates import found_collisions
from courseplatform.insights.what_if.cohort import Sending, if_everybody_says_yes
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import plan_enrolment
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme


@login_required
@require_GET
def cohort_preview(request: PersonRequest, pk: UUID) -> HttpResponse:
    """All that will be sent if everybody says yes, month by month. Saves and sends nothing."""
    cohort = run_by(request.user, pk)
    sendings = if_everybody_says_yes(cohort, clock.now())
    context = {
        "cohort": cohort,
        "months": _by_month(sendings, cohort),
        "in_all": sum(sending.people for sending in sendings),
        "people": cohort.enrolments.open().count(),
    }
    return render(request, "insights/preview.html", context)


def _by_month(sendings: list[Sending], cohort: Cohort) -> list[tuple[date, list[dict[str, object]]]]:
    texts = {prompt.key: prompt.text for prompt in programme(cohort.programme_version.digest).prompts}
    language = get_language()
    months: dict[date, list[dict[str, object]]] = defaultdict(list)
    for sending in sendings:
        text = texts.get(sending.template.removesuffix(".sponsor"))
        months[sending.on.replace(day=1)].append(
            {
                "sending": sending,
                "text": text.read(language) if text else ("", language),
                "is_for_sponsor": sending.template.endswith(".sponsor"),
            }
        )
    return list(months.items())


@login_required
@require_http_methods(["GET", "POST"])
def cohort_open(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Say exactly what opening does; do it on POST. Missing dates or places are a Refusal naming them."""
    cohort = run_by(request.user, pk)
    if request.method == "POST":
        open_for_answers(cohort)
        return redirect("cohort", cohort.pk)
    invited = cohort.enrolments.filter(state=Enrolment.State.INVITED).select_related("person").order_by("person__email")
    context = {
        "cohort": cohort,
        "invited": [enrolment.person for enrolment in invited],
        "unresolved": _titles(cohorts.unresolved(cohort), cohort),
        "collisions": sum(collision.kind == "workshop" for collision in found_collisions(cohort)),
        "without_group": without_group(cohort).count(),
        "is_open": cohort.state not in (Cohort.State.DRAFT, Cohort.State.PLANNED),
    }
    return render(request, "insights/open.html", context)


@transaction.atomic
def open_for_answers(cohort: Cohort) -> None:
    """draft or planned → enrolling, in one step."""
    now = clock.now()
    if cohort.state == Cohort.State.DRAFT:
        cohorts.plan(cohort, now=now)
    cohorts.open_enrolment(cohort, now=now)


def _titles(keys: list[str], cohort: Cohort) -> list[str]:
    content, language = programme(cohort.programme_version.digest), get_language()
    return [content.workshop(key).title.read(language)[0] for key in keys]


@login_required
@require_POST
def enrolment_answer(request: PersonRequest, pk: UUID, enrolment: UUID) -> HttpResponse:
    """HR notes what somebody has said by other means: yes, no, or that they leave."""
    cohort = run_by(request.user, pk)
    row = get_object_or_404(cohort.enrolments.all(), pk=enrolment)
    _answer(row, request.POST.get("answer", ""), request.POST.get("reason", ""))
    return redirect("cohort-person", cohort.pk, row.pk)


@transaction.atomic
def _answer(row: Enrolment, answer: str, reason: str) -> None:
    now = clock.now()
    if answer == "yes":
        enrolments.accept(row, now=now)
        plan_invitations(row.cohort, now)
    elif answer == "no":
        enrolments.decline(row, now=now)
    elif answer == "withdraw":
        enrolments.withdraw(row, reason=reason, now=now)
    plan_enrolment(row, now)
