"""Sending a colleague: find them, or give an address for HR to confirm. The seat can be taken back, or declined."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment, Substitution, Workshop
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.cohorts.views.workshop import open_to
from courseplatform.cohorts.workshops.forms import ColleagueForm
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import search_words
from lessons.versions import knowing, programme

SHORTEST_SEARCH = 2
MOST_FOUND = 8


def _own(person: User, pk: UUID) -> tuple[Workshop, Enrolment]:
    workshop = get_object_or_404(open_to(person), pk=pk)
    return workshop, get_object_or_404(Enrolment.objects.of(person).taking_part(), cohort=workshop.cohort)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_colleague(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Search by name; the address is for somebody who is not found."""
    workshop, enrolment = _own(request.user, pk)
    form = ColleagueForm(request.POST if "email" in request.POST else None)
    if "person" in request.POST:
        chosen = _chosen(workshop, request.POST["person"])
        return _sent(request, seats.send(workshop, enrolment, chosen, by=request.user, now=clock.now()))
    if form.is_valid():
        given = form.cleaned_data
        address, name = given["email"], given["name"]
        return _sent(request, seats.ask(workshop, enrolment, address, name, by=request.user, now=clock.now()))
    words = request.GET.get("q", "").strip()
    searched = len(words) >= SHORTEST_SEARCH
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    context = {
        "workshop": workshop,
        "planned": whole.workshop(workshop.key),
        "words": words,
        "searched": searched,
        "found": list(_named(colleagues(workshop), words)[:MOST_FOUND]) if searched else [],
        "form": form,
    }
    return render(request, "cohorts/workshop_colleague.html", context)


def _sent(request: PersonRequest, row: Substitution) -> HttpResponse:
    if row.state == Substitution.State.ASKED:
        said = _("HR is asked to confirm %(name)s. Until then the seat is yours.")
    else:
        said = _("%(name)s has your seat and gets the invitation. Yours leaves your calendar.")
    messages.success(request, said % {"name": row.who}, extra_tags="good")
    return redirect("workshop", row.workshop_id)


def _chosen(workshop: Workshop, given: str) -> User:
    try:
        return get_object_or_404(colleagues(workshop), pk=UUID(given))
    except ValueError as nobody:
        raise Http404 from nobody


def colleagues(workshop: Workshop) -> QuerySet[User]:
    """People of the same municipality who are not coming anyway."""
    cohort = workshop.cohort
    here = cohort.municipality.people.filter(is_active=True)
    on_it = cohort.enrolments.open().values("person")
    return here.exclude(pk__in=on_it).exclude(pk__in=cohort.facilitators.values("pk")).select_related("org_unit")


def _named(people: QuerySet[User], words: str) -> QuerySet[User]:
    """By name, title and unit; never by address."""
    for word in search_words(words):
        somewhere = Q(display_name__icontains=word) | Q(job_title__icontains=word)
        people = people.filter(somewhere | Q(org_unit__name__icontains=word))
    return people.order_by("display_name", "pk")


@login_required
@require_POST
def workshop_colleague_back(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The participant comes after all."""
    workshop, enrolment = _own(request.user, pk)
    given = enrolment.substitutions.filter(workshop=workshop).exclude(state="refused")
    row = get_object_or_404(given.select_related("substitute", "workshop").order_by("-created_at")[:1])
    seats.take_back(row, now=clock.now())
    messages.success(request, _("The seat is yours again."), extra_tags="good")
    return redirect("workshop", workshop.pk)


@login_required
@require_POST
def seat_decline(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The colleague cannot come either. Their page closes with it; a second press says the same."""
    held = Substitution.objects.held_by(request.user).filter(workshop=pk).select_related("workshop", "enrolment")
    if seat := held.first():
        seats.decline(seat, now=clock.now())
    else:
        get_list_or_404(Substitution, substitute=request.user, workshop=pk, state=Substitution.State.DECLINED)
    messages.success(request, _("Thank you for saying so. The seat goes back."), extra_tags="good")
    return redirect("home")
