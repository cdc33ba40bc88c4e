"""One workshop: when and where first, then one's own answer. A colleague in somebody's seat has a narrower page."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, AttendanceNote, CheckIn, Cohort, Enrolment, Substitution, Workshop
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.cohorts.transitions.check_in import OPENS_BEFORE
from courseplatform.cohorts.transitions.waiting_list import place_in_line
from courseplatform.cohorts.workshops.changes import changes, facts_of, seen_before
from courseplatform.cohorts.workshops.preparing import Reading, readings, tasks
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.shape import Programme
from lessons.versions import knowing, programme

Response = Attendance.Response
CHOICES = (Response.ACCEPTED, Response.TENTATIVE, Response.DECLINED)
RELATED = ("cohort__programme_version", "cohort__municipality")
READINGS_SHOWN = 3


def run_by(person: User) -> QuerySet[Workshop]:
    """Workshops of cohorts the person facilitates or runs."""
    runs = Q(cohort__in=Cohort.objects.run_by(person)) | Q(cohort__facilitators=person)
    return Workshop.objects.filter(runs).select_related(*RELATED).distinct()


def open_to(person: User) -> QuerySet[Workshop]:
    """Workshops of cohorts the person takes part in, facilitates or runs, and those where they have somebody's seat.

    Drafts are only for those who run them.
    """
    taking_part = Enrolment.objects.filter(person=person, state__in=[*Enrolment.TAKING_PART, "invited"])
    runs = Q(cohort__in=Cohort.objects.run_by(person)) | Q(cohort__facilitators=person)
    attends = Q(cohort__enrolments__in=taking_part) | Q(substitutions__in=Substitution.objects.held_by(person))
    known = attends & ~Q(state=Workshop.State.DRAFT)
    return Workshop.objects.filter(runs | known).select_related(*RELATED).distinct()


@login_required
@require_safe
def workshop_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Facts, what is new, my answer, what to prepare, the material, and why we meet."""
    workshop = get_object_or_404(open_to(request.user), pk=pk)
    enrolment = Enrolment.objects.of(request.user).taking_part().filter(cohort=workshop.cohort).first()
    held = Substitution.objects.held_by(request.user).filter(workshop=workshop).select_related("enrolment__person")
    lent = None if enrolment else held.first()
    now = clock.now()
    context = _facts(workshop, now) | _news(workshop, request.user, now, looks=bool(enrolment or lent))
    if lent:
        checked_in = CheckIn.objects.filter(workshop=workshop, enrolment=lent.enrolment_id).first()
        return render(request, "cohorts/workshop_seat.html", context | {"seat": lent, "checked_in": checked_in})
    if enrolment:
        context |= _own(workshop, enrolment, context["whole"])
    else:
        context["runs"] = run_by(request.user).filter(pk=workshop.pk).exists()
    return render(request, "cohorts/workshop.html", context)


def _facts(workshop: Workshop, now: datetime) -> dict[str, Any]:
    """The same for everybody who may open it."""
    # What has been held stays readable when a later version leaves it out.
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    is_on = workshop.state == Workshop.State.SCHEDULED
    has_begun = bool(workshop.starts_at and workshop.starts_at <= now)
    is_over = bool(workshop.ends_at and workshop.ends_at <= now)
    doors = workshop.starts_at - OPENS_BEFORE if workshop.starts_at else None
    return {
        "workshop": workshop,
        "whole": whole,
        "planned": whole.workshop(workshop.key),
        "number": _number(whole, workshop.key),
        "may_answer": is_on and bool(workshop.starts_at) and not has_begun,
        "is_over": is_over,
        "may_check_in": is_on and doors is not None and doors <= now and not is_over,
        "tasks": tasks(whole, workshop.key),
    }


def _number(whole: Programme, key: str) -> int:
    return [workshop.key for workshop in whole.workshops].index(key) + 1


def _news(workshop: Workshop, person: User, now: datetime, *, looks: bool) -> dict[str, Any]:
    """The material, and what has changed since the person last looked."""
    materials = list(workshop.materials.all())
    facts = facts_of(workshop, materials)
    seen = seen_before(workshop, person, facts, now) if looks else {}
    return {"materials": materials, "news": changes(seen, facts, materials)}


def _own(workshop: Workshop, enrolment: Enrolment, whole: Programme) -> dict[str, Any]:
    """What is the participant's alone."""
    attendances = Attendance.objects.filter(workshop=workshop, enrolment=enrolment).prefetch_related("notes")
    attendance = attendances.first()
    sent = enrolment.substitutions.filter(workshop=workshop, state__in=Substitution.OPEN)
    unread = [one for one in readings(whole, workshop.key, enrolment) if not one.is_read]
    return {
        "enrolment": enrolment,
        "attendance": attendance,
        "choices": [(choice.value, choice.label) for choice in CHOICES],
        "sent": sent.select_related("substitute").first(),
        "place": place_in_line(attendance) if attendance and attendance.response == Response.WAITING else None,
        "checked_in": CheckIn.objects.filter(workshop=workshop, enrolment=enrolment).first() if attendance else None,
        "correction": _correction(attendance) if attendance else None,
        **_shown(unread),
    }


def _correction(attendance: Attendance) -> AttendanceNote | None:
    """The last one, which says why."""
    return next((note for note in reversed(attendance.notes.all()) if note.reason), None)


def _shown(unread: list[Reading]) -> dict[str, Any]:
    return {"unread": unread[:READINGS_SHOWN], "more_unread": max(len(unread) - READINGS_SHOWN, 0)}


@login_required
@require_POST
def workshop_answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Yes, perhaps or no, until it starts. The last answer stands."""
    workshop = get_object_or_404(open_to(request.user), pk=pk)
    enrolment = get_object_or_404(Enrolment.objects.of(request.user).taking_part(), cohort=workshop.cohort)
    attendance = answer_workshop(workshop, enrolment, request.POST.get("response", ""), now=clock.now())
    if attendance.response == Response.WAITING:
        messages.success(request, _("All seats are taken. You are on the waiting list."), extra_tags="good")
    else:
        messages.success(request, _("Thank you. You can change your answer until it starts."), extra_tags="good")
    return redirect("workshop", workshop.pk)
