"""A cohort's three lines, whole: the days HR has set. Filled by time alone, for nobody's reading is in it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from courseplatform import clock
from courseplatform.cohorts.calendar.dates import EventDate, dates_of
from courseplatform.cohorts.three_lines.lines import View, lines_of
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.people.requests import PersonRequest


@login_required
@require_safe
def cohort_lines(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A workshop leads to HR's page of it. What is the managers' own, a lesson or a group's meeting, leads nowhere."""
    cohort = run_by(request.user, pk)
    view = View(today=clock.today(cohort.municipality.timezone), workshop_address=_workshop_address)
    dates = dates_of(cohort)
    context = {"cohort": cohort, "dates": dates, "lines": lines_of(dates, view)}
    return render(request, "insights/cohort_lines.html", context | {"as_list": request.GET.get("vis") == "liste"})


def _workshop_address(event: EventDate) -> str:
    return reverse("workshop-hr", args=[event.id]) if event.id else ""
