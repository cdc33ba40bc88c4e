"""HR's part of who sits where: how many can come, and colleagues named by an address."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Substitution, Workshop
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.cohorts.transitions import waiting_list
from courseplatform.cohorts.workshops.forms import SeatsForm
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.people.requests import PersonRequest


@login_required
@require_POST
def workshop_seats(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Empty is room for everybody. Those who wait get what becomes free, in their order."""
    cohorts = Cohort.objects.run_by(request.user)
    workshop, form = get_object_or_404(Workshop.objects.filter(cohort__in=cohorts), pk=pk), SeatsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write how many can come, or leave it empty."))
        return redirect("workshop-hr", workshop.pk)
    with transaction.atomic():
        waiting_list.limit(workshop, form.cleaned_data["seats"], now=clock.now())
        plan_invitations(workshop.cohort, clock.now())
    return redirect("workshop-hr", workshop.pk)


@login_required
@require_POST
def seat_confirm(request: PersonRequest, pk: UUID, seat: UUID) -> HttpResponse:
    """Yes makes the colleague a person here and sends the invitation; no leaves the seat where it is."""
    cohorts = Cohort.objects.run_by(request.user)
    named = Substitution.objects.filter(workshop=pk, workshop__cohort__in=cohorts)
    row = get_object_or_404(named.select_related("workshop__cohort", "enrolment"), pk=seat)
    with transaction.atomic():
        if request.POST.get("answer") == "yes":
            seats.confirm(row, now=clock.now())
        else:
            seats.refuse(row, now=clock.now())
        plan_invitations(row.workshop.cohort, clock.now())
    return redirect("workshop-hr", pk)
