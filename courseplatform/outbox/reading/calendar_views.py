"""The calendar to subscribe to: the page that offers it, and the file that calendar programs fetch."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from courseplatform.outbox.reading.calendar_feed import file_of, person_behind, renew, stop, token_of
from courseplatform.outbox.writing.letters import absolute
from courseplatform.people.requests import PersonRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_calendar(request: PersonRequest) -> HttpResponse:
    """Shows the person's own address; POST makes one, makes another, or stops it."""
    if request.method == "POST":
        _change(request)
        return redirect("my-calendar")
    token = token_of(request.user)
    address = absolute(reverse("calendar-feed", args=[token])) if token else ""
    return render(request, "outbox/my_calendar.html", {"address": address})


def _change(request: PersonRequest) -> None:
    if "stop" in request.POST:
        stop(request.user)
        messages.success(request, _("Your calendar is closed. No address leads to it any more."))
    else:
        renew(request.user)
        messages.success(request, _("Here is your calendar's address. An older one leads nowhere now."))


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, which sign in nowhere: the address is the key. 404 for any other."""
    person = person_behind(token)
    if person is None:
        raise Http404
    with translation.override(person.language):
        return HttpResponse(file_of(person), content_type="text/calendar; charset=utf-8")
