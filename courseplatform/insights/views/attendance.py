"""Fremmøde: a list for a phone and for paper; what is noted is corrected later, with a reason."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Enrolment, Workshop
from courseplatform.cohorts.transitions.check_in import OPENS_BEFORE, note
from courseplatform.cohorts.views.workshop import run_by
from courseplatform.insights.attendance import CHOICES, Row, rows, write_down
from courseplatform.people.requests import PersonRequest
from lessons.versions import knowing, programme

UNKNOWN = Attendance.Outcome.UNKNOWN


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Everybody with a seat; those not noted yet can be, all at once."""
    workshop, now = get_object_or_404(run_by(request.user), pk=pk), clock.now()
    shown = rows(workshop, request.user)
    if request.method == "POST":
        return _note(request, workshop, shown, now)
    write_down(request.user, shown, now)
    may_note = _may_note(workshop, now)
    left = [row for row in shown if not row.is_noted and not row.is_narrow]
    context = _head(workshop) | {"rows": shown, "choices": CHOICES, "may_note": may_note, "is_open": may_note and left}
    return render(request, "insights/attendance.html", context)


def _may_note(workshop: Workshop, now: datetime) -> bool:
    is_on = workshop.state in (Workshop.State.SCHEDULED, Workshop.State.HELD)
    return is_on and workshop.starts_at is not None and now >= workshop.starts_at - OPENS_BEFORE


def _head(workshop: Workshop) -> dict[str, object]:
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    planned = whole.workshop(workshop.key)
    number = whole.workshops.index(planned) + 1
    return {"workshop": workshop, "number": number, "title": planned.title.read(get_language())}


@transaction.atomic
def _note(request: PersonRequest, workshop: Workshop, shown: list[Row], now: datetime) -> HttpResponse:
    """What was chosen for those nobody has noted; a row that was noted meanwhile stays as it is."""
    noted = 0
    for row in shown:
        chosen = request.POST.get(f"row-{row.pk}", "")
        if chosen and not row.is_noted and not row.is_narrow:
            noted += note(workshop, row.enrolment, chosen, before=UNKNOWN, reason="", by=request.user, now=now)
    said = ngettext("%(number)d person is noted.", "%(number)d people are noted.", noted) % {"number": noted}
    messages.success(request, said, extra_tags="good")
    return redirect("attendance", workshop.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def attendance_correct(request: PersonRequest, pk: UUID, enrolment: UUID) -> HttpResponse:
    """Another outcome for one person, and why. They can read both."""
    workshop, now = get_object_or_404(run_by(request.user), pk=pk), clock.now()
    theirs = Enrolment.objects.taking_part().filter(cohort=workshop.cohort).exclude(person__line_manager=request.user)
    row = get_object_or_404(theirs.select_related("person"), pk=enrolment)
    if request.method == "POST":
        outcome, before, reason = (request.POST.get(name, "") for name in ("outcome", "before", "reason"))
        note(workshop, row, outcome, before=before, reason=reason, by=request.user, now=now)
        return redirect("attendance", workshop.pk)
    attended = Attendance.objects.filter(workshop=workshop, enrolment=row).first() or Attendance()
    history = attended.notes.select_related("created_by") if attended.enrolment_id else ()
    context = {"enrolment": row, "attendance": attended, "history": history, "choices": CHOICES}
    return render(request, "insights/attendance_correct.html", _head(workshop) | context)
