"""Asking for everything one has written to be erased, and taking that back."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.people.models import DataRequest
from courseplatform.people.privacy import data_requests
from courseplatform.people.requests import PersonRequest

ERASE = DataRequest.Kind.ERASE


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def erase_me(request: PersonRequest) -> HttpResponse:
    """What would go, what would stay and why; asked for with a tick that says it has been read.

    And with the password or the passkey once more: whoever finds an open phone must not begin what has no way back.
    """
    if request.method != "POST":
        return _page(request)
    if not request.POST.get("understood"):
        return _page(request, problem=_("Say that you have read it: it cannot be undone."), status=422)
    data_requests.ask(request.user, ERASE, clock.now())
    messages.success(request, _("HR has been asked. You can take it back here until it is done."), extra_tags="good")
    return redirect("erase-me")


def _page(request: PersonRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    open_ones = Enrolment.objects.filter(person=request.user).open().select_related("cohort")
    context = {
        "latest": DataRequest.objects.filter(person=request.user, kind=ERASE).order_by("-received_at").first(),
        "cohorts": [one.cohort for one in open_ones],
        "problem": problem,
    }
    return render(request, "journal/erase_me.html", context, status=status)


@login_required
@require_POST
def keep_mine(request: PersonRequest) -> HttpResponse:
    """Take the request back. Pressed twice it is taken back once; 409 when it has been carried out meanwhile."""
    latest = DataRequest.objects.filter(person=request.user, kind=ERASE).order_by("-received_at").first()
    if latest is not None:
        data_requests.withdraw(latest, clock.now())
        messages.success(request, _("You have taken it back. Everything stays as it is."), extra_tags="good")
    return redirect("erase-me")
