"""One workshop for HR: facts and answers; move or cancel it after seeing who is told and which messages change."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from courseplatform import clock
from courseplatform.cohorts.calendar.collision_words import obstacles
from courseplatform.cohorts.calendar.collisions import collisions
from courseplatform.cohorts.calendar.dates import with_events
from courseplatform.cohorts.models import Cohort, GroupMeeting, Substitution, Workshop
from courseplatform.cohorts.setting_up.forms import MoveForm, ReasonForm
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.insights.told import told_of
from courseplatform.insights.what_if.cohort import Change, if_cancelled, if_moved
from courseplatform.outbox.planning.invitations import DEBOUNCE, plan_invitations
from courseplatform.outbox.planning.planner import replan
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.versions import knowing, programme

WHOLE = ("cohort__municipality__calendar_policy", "cohort__programme_version")


def _run_by(person: User, pk: UUID) -> Workshop:
    cohorts = Cohort.objects.run_by(person)
    return get_object_or_404(Workshop.objects.filter(cohort__in=cohorts).select_related(*WHOLE), pk=pk)


def _context(workshop: Workshop) -> dict[str, object]:
    content = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    planned = content.workshop(workshop.key)
    return {
        "cohort": workshop.cohort,
        "workshop": workshop,
        "number": content.workshops.index(planned) + 1,
        "title": planned.title.read(get_language()),
    }


@login_required
@require_GET
def workshop_hr(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Facts, answers in numbers, and what can be done."""
    workshop = _run_by(request.user, pk)
    stays = workshop.substitutions.filter(state__in=Substitution.OPEN).select_related("enrolment__person", "substitute")
    facts = {"told": told_of(workshop), "is_over": _is_over(workshop, clock.now()), "stays": stays}
    context = _context(workshop) | facts
    return render(request, "insights/workshop.html", context)


def _is_over(workshop: Workshop, now: datetime) -> bool:
    return workshop.ends_at is not None and workshop.ends_at <= now


@login_required
@require_POST
def workshop_hold(request: PersonRequest, pk: UUID) -> HttpResponse:
    """It was held."""
    workshop = _run_by(request.user, pk)
    workshops.hold(workshop, now=clock.now())
    return redirect("workshop-hr", workshop.pk)


@login_required
@require_http_methods(["GET", "POST"])
def workshop_move(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The date first; then everything that would happen; saved only when “confirmed” comes with it."""
    workshop, now = _run_by(request.user, pk), clock.now()
    form = MoveForm(request.POST or None, workshop=workshop, now=now)
    if not form.is_valid() or "correct" in request.POST:
        return render(request, "insights/move_form.html", _context(workshop) | {"form": form})
    if "confirmed" in request.POST:
        move(workshop, form.slot, form.cleaned_data["seen"], now)
        return redirect("workshop-hr", workshop.pk)
    return render(request, "insights/move.html", _preview_of_move(workshop, form, now))


def _preview_of_move(workshop: Workshop, form: MoveForm, now: datetime) -> dict[str, object]:
    consequence = if_moved(workshop, form.slot, now)
    return _context(workshop) | {
        "form": form,
        "slot": form.slot,
        "why_not": _in_the_way(workshop, form.slot),
        "told": told_of(workshop),
        "changes": _with_texts(consequence.changes, workshop),
        "goes_at": now + DEBOUNCE,
    }


@transaction.atomic
def move(workshop: Workshop, slot: Slot, seen: int, now: datetime) -> None:
    """Move it, or plan what a new version brought, and with it every message. Raises Refusal on a stale page."""
    if workshop.state == Workshop.State.DRAFT:
        workshops.schedule(workshop, slot, now=now)
    else:
        crosses = if_moved(workshop, slot, now).crosses_sent_reminder
        workshop.ics_sequence = seen
        workshops.move(workshop, slot, calendar=calendar_of(workshop.cohort), now=now, crosses_sent_reminder=crosses)
    _follow(workshop.cohort, now)


def _follow(cohort: Cohort, now: datetime) -> None:
    plan_invitations(cohort, now)
    replan(cohort, now)


@login_required
@require_http_methods(["GET", "POST"])
def workshop_cancel(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Who is told and which messages fall away, beside the field for the reason."""
    workshop, now = _run_by(request.user, pk), clock.now()
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            workshops.cancel(workshop, reason=form.cleaned_data["reason"], now=now)
            _follow(workshop.cohort, now)
        return redirect("workshop-hr", workshop.pk)
    changes = _with_texts(if_cancelled(workshop, now).changes, workshop)
    context = _context(workshop) | {"form": form, "told": told_of(workshop), "changes": changes}
    return render(request, "insights/cancel.html", context)


def _in_the_way(workshop: Workshop, slot: Slot) -> list[object]:
    """What the new day would collide with."""
    cohort = workshop.cohort
    others = [one for one in cohort.workshops.all() if one.pk != workshop.pk]
    moved = Workshop(pk=workshop.pk, key=workshop.key, state=workshop.state, **slot.fields)
    meetings = GroupMeeting.objects.filter(group__cohort=cohort)
    found = collisions(with_events(cohort, [*others, moved], meetings), calendar_of(cohort))
    content = programme(cohort.programme_version.digest)
    ours = [collision for collision in found if collision.event_id == workshop.pk]
    return [sentence for collision in ours for sentence in obstacles(collision, content, get_language() or "da")]


def _with_texts(changes: tuple[Change, ...], workshop: Workshop) -> list[dict[str, object]]:
    texts = {prompt.key: prompt.text for prompt in programme(workshop.cohort.programme_version.digest).prompts}
    language = get_language() or "da"
    rows: list[dict[str, object]] = []
    for change in changes:
        text = texts.get(change.template.removesuffix(".sponsor"))
        rows.append({"change": change, "text": text.read(language) if text else ("", language)})
    return rows
