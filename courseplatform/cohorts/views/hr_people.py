"""Nyt hold, third step: who is invited. Found among colleagues, or read from a list."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from courseplatform import clock
from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.setting_up.forms import ImportForm
from courseplatform.cohorts.setting_up.importing import carry_out, decoded, dry_run
from courseplatform.cohorts.setting_up.new_cohort import uninvite
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import search_words

MOST_FOUND = 50


@login_required
@require_GET
def cohort_people(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Everybody on the cohort, and a search among the others."""
    cohort = run_by(request.user, pk)
    return _page(request, cohort, ImportForm())


def _page(request: PersonRequest, cohort: Cohort, form: ImportForm) -> HttpResponse:
    on_it = cohort.enrolments.open().select_related("person__org_unit")
    words = request.GET.get("q", "").strip()
    context = {
        "cohort": cohort,
        "enrolments": sorted(on_it, key=lambda enrolment: danish(enrolment.person.display_name)),
        "may_remove": cohort.state in [Cohort.State.DRAFT, Cohort.State.PLANNED],
        "words": words,
        "found": list(candidates(cohort, words)[:MOST_FOUND]) if words else [],
        "form": form,
    }
    return render(request, "cohorts/hr_people.html", context)


def candidates(cohort: Cohort, words: str) -> QuerySet[User]:
    """People here who could be invited and whose name, title, unit or address holds every word."""
    on_it = cohort.enrolments.open().values("person")
    here = cohort.municipality.people.filter(is_active=True)
    found = here.exclude(pk__in=on_it).exclude(pk__in=cohort.facilitators.values("pk"))
    for word in search_words(words):
        somewhere = Q(display_name__icontains=word) | Q(job_title__icontains=word) | Q(email__icontains=word)
        found = found.filter(somewhere | Q(org_unit__name__icontains=word))
    return found.select_related("org_unit").order_by("display_name", "pk")


@login_required
@require_POST
def cohort_people_add(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Put the chosen people on the cohort: all of them or none."""
    cohort = run_by(request.user, pk)
    chosen = candidates(cohort, "").filter(pk__in=_ids(request.POST.getlist("person")))
    with transaction.atomic():
        for person in chosen:
            enrolments.invite(cohort, person, by=request.user, now=clock.now())
    return redirect("cohort-people", cohort.pk)


def _ids(given: list[str]) -> list[UUID]:
    """Those that are ids at all."""
    ids = []
    for text in given:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


@login_required
@require_POST
def cohort_people_remove(request: PersonRequest, pk: UUID, enrolment: UUID) -> HttpResponse:
    """Take somebody off again while nobody has been told."""
    cohort = run_by(request.user, pk)
    uninvite(get_object_or_404(cohort.enrolments.all(), pk=enrolment))
    return redirect("cohort-people", cohort.pk)


@login_required
@require_POST
def cohort_import(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A dry run first; the same list again with “confirmed” is carried out, if nothing is wrong with it."""
    cohort = run_by(request.user, pk)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, cohort, form)
    file = form.cleaned_data["file"]
    text = decoded(file.read()) if file else form.cleaned_data["text"]
    found = dry_run(text, cohort, allowed_domains=form.allowed_domains)
    if "confirmed" in request.POST and not found.problems:
        carry_out(found, cohort, by=request.user, now=clock.now())
        return redirect("cohort-people", cohort.pk)
    context = {"cohort": cohort, "found": found, "text": text, "domains": form.cleaned_data["domains"]}
    return render(request, "cohorts/hr_import.html", context)


def invited(cohort: Cohort) -> int:
    """How many have an invitation they have not answered."""
    return cohort.enrolments.filter(state=Enrolment.State.INVITED).count()
