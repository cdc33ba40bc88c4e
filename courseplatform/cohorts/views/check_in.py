"""Turning up: the code on the facilitator's screen, and reading or typing it, signed in or not yet."""

from datetime import datetime
from uuid import UUID

import segno
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from courseplatform import clock
from courseplatform.cohorts.models import CheckIn, Workshop
from courseplatform.cohorts.transitions.check_in import OPENS_BEFORE
from courseplatform.cohorts.views.workshop import run_by
from courseplatform.cohorts.workshops import arrivals
from courseplatform.cohorts.workshops.arrival_codes import code_at, lasts_for, workshop_behind
from courseplatform.people.errors import too_many
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.versions import knowing, programme

# Wrong codes alone: right ones are never counted, for a whole town hall arrives from one address.
WRONG_CODES = {"signed_in": "20/5m/user", "anybody": "200/m/ip"}


@require_http_methods(["GET", "HEAD", "POST"])
def arrive(request: HttpRequest) -> HttpResponse:
    """The field for a typed code; after checking in, that one has."""
    if request.method == "POST":
        return _read(request, request.POST.get("code", ""))
    return _field(request)


@require_safe
def arrive_with(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR code says. Reading it counts, and reading it twice changes nothing."""
    return _read(request, code) if request.method == "GET" else HttpResponse()


def _read(request: HttpRequest, code: str) -> HttpResponse:
    now = clock.now()
    if not _may_try(request, dry_run=True):
        return too_many(request)
    workshop = workshop_behind(code, now)
    if workshop is None:
        _may_try(request)
        return _field(request, code=code[:20], is_wrong=True)
    if not isinstance(request.user, User):
        arrivals.keep(request.session, workshop, now)
        return redirect_to_login(reverse("arrive"))
    arrivals.count(request, workshop, request.user, scanned_at=now, now=now)
    return redirect("arrive")


def _may_try(request: HttpRequest, *, dry_run: bool = False) -> bool:
    action = "signed_in" if request.user.is_authenticated else "anybody"
    limits = {"app": "cohorts", "action": action, "config": WRONG_CODES, "limit_get": True}
    return ratelimit.consume(request, dry_run=dry_run, **limits) is not None


def _field(request: HttpRequest, *, code: str = "", is_wrong: bool = False) -> HttpResponse:
    context = {"code": code, "is_wrong": is_wrong, "arrived": _arrived(request, clock.now())}
    return render(request, "cohorts/arrive.html", context)


def _arrived(request: HttpRequest, now: datetime) -> CheckIn | None:
    """Where the person has checked in and what is not over yet."""
    if not isinstance(request.user, User):
        return None
    own = CheckIn.objects.filter(person=request.user, workshop__ends_at__gt=now)
    return own.select_related("workshop").order_by("-scanned_at").first()


@login_required
@require_safe
def arrival_code(request: PersonRequest, pk: UUID) -> HttpResponse:
    """“Vis koden”: for the screen in the room. A new code every minute, without any script too."""
    workshop, now = get_object_or_404(run_by(request.user), pk=pk), clock.now()
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    code = code_at(workshop.pk, now)
    context = {
        "workshop": workshop,
        "planned": whole.workshop(workshop.key),
        "code": code,
        "drawing": _drawing(f"{settings.SITE_URL}{reverse('arrive-with', args=[code])}"),
        "where": f"{settings.SITE_URL}{reverse('arrive')}".partition("://")[2],
        "opens_at": workshop.starts_at - OPENS_BEFORE if workshop.starts_at else None,
        "is_open": _is_open(workshop, now),
        "arrived": workshop.check_ins.count(),
        "seconds": lasts_for(now) + 1,
    }
    return render(request, "cohorts/arrival_code.html", context)


def _is_open(workshop: Workshop, now: datetime) -> bool:
    is_on = workshop.state in (Workshop.State.SCHEDULED, Workshop.State.HELD)
    begins, ends = workshop.starts_at, workshop.ends_at
    return is_on and begins is not None and ends is not None and begins - OPENS_BEFORE <= now <= ends


def _drawing(address: str) -> SafeString:
    """Inline SVG of ours alone: the address holds nothing that anybody typed."""
    code = segno.make(address, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=4, dark="#000", light="#fff"))  # noqa: S308
