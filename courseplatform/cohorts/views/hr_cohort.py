"""Nyt hold, first step: what, when, who leads it and for how many."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Cohort
from courseplatform.cohorts.setting_up.forms import CohortForm, initial_of
from courseplatform.cohorts.setting_up.new_cohort import create_cohort, revise, suggested_start
from courseplatform.people.models import Municipality, User
from courseplatform.people.requests import PersonRequest
from lessons.models import ProgrammeVersion
from lessons.versions import programme


def hr_of(person: User) -> Municipality:
    """The municipality where the person is HR; 404 for everybody else."""
    role = person.role_assignments.filter(kind="hr").select_related("municipality").first()
    if role is None:
        raise Http404
    return role.municipality


def run_by(person: User, pk: UUID) -> Cohort:
    """A cohort the person may run, with what every HR page reads; 404 for everybody else."""
    whole = Cohort.objects.run_by(person).select_related("municipality__calendar_policy", "programme_version")
    return get_object_or_404(whole, pk=pk)


@login_required
@require_http_methods(["GET", "POST"])
def cohort_new(request: PersonRequest) -> HttpResponse:
    """Make a draft. It tells nobody, and a button that is pressed twice makes one."""
    municipality = hr_of(request.user)
    today = clock.today(municipality.timezone)
    form = CohortForm(request.POST or None, municipality=municipality, today=today, initial=_suggestion(today))
    pk = _named(request)
    if form.is_valid():
        given = _given(form) | {"pk": pk, "municipality": municipality, "owner_hr": request.user}
        try:
            create_cohort(**given, by=request.user, now=clock.now())
        except IntegrityError:
            run_by(request.user, pk)  # the button was pressed twice; 404 where it is not theirs
        return redirect("cohort-dates", pk)
    return render(request, "cohorts/hr_cohort_form.html", {"form": form, "fresh_id": pk})


def _named(request: PersonRequest) -> UUID:
    """The id that the page gave the new cohort; a fresh one where it gave none."""
    try:
        return UUID(request.POST["cohort"])
    except (KeyError, ValueError):
        return uuid4()


@login_required
@require_http_methods(["GET", "POST"])
def cohort_basics(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Change a draft: another programme or first day drafts the workshops anew."""
    cohort = run_by(request.user, pk)
    today = clock.today(cohort.municipality.timezone)
    form = CohortForm(request.POST or None, municipality=cohort.municipality, today=today, initial=initial_of(cohort))
    if form.is_valid():
        revise(cohort, **_given(form), by=request.user, now=clock.now())
        return redirect("cohort-dates", cohort.pk)
    return render(request, "cohorts/hr_cohort_form.html", {"form": form, "cohort": cohort})


def _given(form: CohortForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "version": given["version"],
        "name": given["name"],
        "starts_on": given["starts_on"],
        "facilitators": list(given["facilitators"]),
        "capacity": (given["capacity_min"], given["capacity_max"]),
        "backfill_reason": given["backfill_reason"],
    }


def _suggestion(today: date) -> dict[str, Any]:
    """The newest version, its usual start and its usual size."""
    version = ProgrammeVersion.objects.first()
    if version is None:
        return {}
    content = programme(version.digest)
    starts_on = suggested_start(content.nominal_start, today)
    title, _language = content.title.read(get_language())
    return {
        "version": version.pk,
        "name": f"{title}, {starts_on.year}",
        "starts_on": starts_on,
        "capacity_min": content.capacity.min,
        "capacity_max": content.capacity.max,
    }
