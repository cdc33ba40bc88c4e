"""Nyt hold, second step: every date, what it collides with, and a day that is free. Nothing moves by itself (S8)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.calendar.collision_words import obstacles
from courseplatform.cohorts.calendar.collisions import Collision, collisions
from courseplatform.cohorts.calendar.dates import dates_of, resolve
from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Cohort, Workshop
from courseplatform.cohorts.setting_up.forms import PlaceForm, SlotForm
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme


@dataclass(frozen=True)
class Day:
    """One workshop on the page. `why` is empty when nothing is in the way."""

    workshop: Workshop
    title: str
    language: str
    form: SlotForm
    why: list[object]
    proposed: date | None


@login_required
@require_http_methods(["GET", "POST"])
def cohort_dates(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Show the dates; save what HR wrote; take over a proposed day where HR says so."""
    cohort = run_by(request.user, pk)
    now = clock.now()
    days, place_form = _days(cohort, request.POST or None, now), PlaceForm(request.POST or None)
    if all(form.is_valid() for form in (place_form, *(day.form for day in days))):
        _save(days, place_form.cleaned_data["place_for_all"], request.POST.get("proposal", ""), now)
        return redirect("cohort-dates" if "proposal" in request.POST else "cohort-people", cohort.pk)
    context = {"cohort": cohort, "days": days, "place_form": place_form, "meetings": _meeting_weeks(cohort)}
    return render(request, "cohorts/hr_dates.html", context)


def _days(cohort: Cohort, given: object, now: datetime) -> list[Day]:
    content, language = programme(cohort.programme_version.digest), get_language()
    in_the_way = {found.key: found for found in found_collisions(cohort) if found.kind == "workshop"}
    days = []
    for workshop in cohort.workshops.filter(key__in=[one.key for one in content.workshops]):
        workshop.cohort = cohort
        title, title_language = content.workshop(workshop.key).title.read(language)
        form = SlotForm(given, workshop=workshop, now=now, prefix=workshop.key)
        found = in_the_way.get(workshop.key)
        why = obstacles(found, content, language) if found else []
        days.append(Day(workshop, title, title_language, form, why, found.proposed if found else None))
    return days


def found_collisions(cohort: Cohort) -> tuple[Collision, ...]:
    """What the cohort's dates are in the way of."""
    return collisions(dates_of(cohort), from_policy(cohort.municipality.calendar_policy))


@transaction.atomic
def _save(days: list[Day], place_for_all: str, proposal: str, now: datetime) -> None:
    for day in days:
        slot = day.form.slot
        place = slot.place or ("" if slot.link else place_for_all)
        slot = Slot(slot.starts_at, slot.ends_at, place, slot.link)
        if day.workshop.key == proposal and day.proposed:
            slot = _on(day.proposed, slot, day.form)
        workshops.redraft(day.workshop, slot, now=now)


def _on(proposed: date, slot: Slot, form: SlotForm) -> Slot:
    """The slot on another day at the same local hours."""
    form.cleaned_data["day"] = proposed
    moved = form.slot
    return Slot(moved.starts_at, moved.ends_at, slot.place, slot.link)


def _meeting_weeks(cohort: Cohort) -> list[dict[str, object]]:
    """The group meetings: each group picks its day inside the week."""
    content, language = programme(cohort.programme_version.digest), get_language()
    nominal = resolve(content, cohort.starts_on, cohort.municipality.timezone)
    found = collisions(nominal, from_policy(cohort.municipality.calendar_policy))
    in_the_way = {one.key: obstacles(one, content, language) for one in found if one.kind == "meeting"}
    return [
        {
            "monday": cohort.starts_on + timedelta(weeks=meeting.week),
            "theme": meeting.theme.read(language),
            "why": in_the_way.get(meeting.key, []),
        }
        for meeting in content.group_meetings
    ]
