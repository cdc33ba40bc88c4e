"""One person's row in full: HR's page about them, and the same for themselves."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from courseplatform import clock
from courseplatform.cohorts.calendar.dates import CohortDates, dates_of
from courseplatform.cohorts.models import AttendanceNote, Cohort, Enrolment
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.insights.status import Status, as_seen_by, statuses, write_down
from courseplatform.people.requests import PersonRequest


@login_required
@require_GET
def cohort_person(request: PersonRequest, pk: UUID, enrolment: UUID) -> HttpResponse:
    """Opening it is written down, and the person can see that it was (MODEL I17)."""
    cohort = run_by(request.user, pk)
    row = get_object_or_404(cohort.enrolments.select_related("person"), pk=enrolment)
    dates = dates_of(cohort)
    now = clock.now()
    [status] = as_seen_by(request.user, statuses(cohort.enrolments.filter(pk=row.pk), dates, now))
    write_down(request.user, [status], now)
    context = {"cohort": cohort, "enrolment": row, **shown(status, dates)}
    return render(request, "insights/person.html", context)


def shown(status: Status, dates: CohortDates) -> dict[str, object]:
    """What `insights/status.html` takes; HR and the person get it from here."""
    programme, language = dates.programme, get_language()
    return {
        "status": status,
        "lessons": [(programme.lesson(one.key).title.read(language), one.state) for one in status.lessons],
        "workshops": [(programme.workshop(one.key).title.read(language), one) for one in status.workshops],
    }


@login_required
@require_GET
def hr_sees(request: PersonRequest) -> HttpResponse:
    """“Det kan HR se om dig”: for every cohort the person is on."""
    now = clock.now()
    own = Enrolment.objects.of(request.user).select_related("cohort__municipality", "cohort__programme_version")
    notes = AttendanceNote.objects.filter(attendance__enrolment__person=request.user).exclude(reason="")
    context = {
        "cohorts": [_mine(row.cohort, row, now) for row in own],
        "corrected": notes.select_related("attendance__workshop").order_by("noted_at"),
    }
    return render(request, "insights/hr_sees.html", context)


def _mine(cohort: Cohort, row: Enrolment, now: datetime) -> dict[str, object]:
    dates = dates_of(cohort)
    [status] = statuses(cohort.enrolments.filter(pk=row.pk), dates, now)
    return {"cohort": cohort, **shown(status, dates)}
