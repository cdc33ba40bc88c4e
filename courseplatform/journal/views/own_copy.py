"""Fetching everything that is kept about oneself."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.journal.own_copy import archive_of
from courseplatform.people.privacy import audit
from courseplatform.people.requests import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_copy(request: PersonRequest) -> HttpResponse:
    """Says what is in it; POST makes the file now and sends it. Written down once a time (MODEL I17, §9)."""
    if request.method != "POST":
        return render(request, "journal/own_copy_offer.html")
    now = clock.now()
    file = HttpResponse(archive_of(request.user, now), content_type="application/zip")
    day = to_local(now, request.user.timezone).date()
    file["Content-Disposition"] = f'attachment; filename="{_("everything-about-me")}-{day}.zip"'
    audit.record(request.user, "export", request.user, about=request.user, purpose=_("Your own copy"), now=now)
    return file
