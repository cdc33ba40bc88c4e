"""“Seen”: HR puts away what it has read about a standstill."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.outbox.models import Outage
from courseplatform.outbox.sending.outages import put_away
from courseplatform.people.requests import PersonRequest


@login_required
@require_POST
def outage_seen(request: PersonRequest, pk: UUID, outage: int) -> HttpResponse:
    """It does not stand on the cohort's page any more. Again changes nothing."""
    cohort = run_by(request.user, pk)
    put_away(get_object_or_404(Outage, pk=outage, cohort=cohort), clock.now())
    return redirect("cohort", cohort.pk)
