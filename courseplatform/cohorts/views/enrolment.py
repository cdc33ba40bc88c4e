"""The invited person's own answer."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.people.requests import PersonRequest


@login_required
@require_POST
def enrolment_accept(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Yes, I take part. A second press changes nothing."""
    own = _own(request, pk)
    if own.state not in Enrolment.TAKING_PART:
        enrolments.accept(own, now=clock.now())
    return redirect("home")


@login_required
@require_POST
def enrolment_decline(request: PersonRequest, pk: UUID) -> HttpResponse:
    """No, thank you. A second press changes nothing."""
    own = _own(request, pk)
    if own.state != Enrolment.State.DECLINED:
        enrolments.decline(own, now=clock.now())
    return redirect("home")


def _own(request: PersonRequest, pk: UUID) -> Enrolment:
    return get_object_or_404(Enrolment.objects.of(request.user), pk=pk)
