"""The material of a workshop: those who run it add a link or take one away."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Material
from courseplatform.cohorts.views.workshop import run_by
from courseplatform.cohorts.workshops.forms import MaterialForm
from courseplatform.people.requests import PersonRequest


@login_required
@require_POST
def workshop_material(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One more; the same address twice is one."""
    workshop, form = get_object_or_404(run_by(request.user), pk=pk), MaterialForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the material a title and a web address."))
        return redirect("workshop", workshop.pk)
    added = {"title": form.cleaned_data["title"], "added_at": clock.now(), "added_by": request.user}
    Material.objects.get_or_create(workshop=workshop, link=form.cleaned_data["link"], defaults=added)
    return redirect("workshop", workshop.pk)


@login_required
@require_POST
def workshop_material_remove(request: PersonRequest, pk: UUID, material: int) -> HttpResponse:
    """One less; taking it away twice changes nothing."""
    workshop = get_object_or_404(run_by(request.user), pk=pk)
    workshop.materials.filter(pk=material).delete()
    return redirect("workshop", workshop.pk)
