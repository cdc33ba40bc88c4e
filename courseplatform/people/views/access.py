"""How the person gets in here: keys, password, and the places where they are signed in. Their own alone."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courseplatform.people.requests import PersonRequest
from courseplatform.people.signing_in.sessions import places_of, sign_out_at, sign_out_elsewhere


@login_required
@require_safe
def access(request: PersonRequest) -> HttpResponse:
    """Everything about it on one page."""
    keys = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN).order_by("created_at")
    return render(request, "people/access.html", {"keys": keys, "places": places_of(request, request.user)})


@login_required
@require_POST
def sign_out_everywhere(request: PersonRequest) -> HttpResponse:
    """End every other session: a shared machine, a phone that is gone. This one goes on."""
    sign_out_elsewhere(request, request.user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("access")


@login_required
@require_POST
def sign_out_there(request: PersonRequest, pk: int) -> HttpResponse:
    """End one other session. A second press finds nothing, and says the same."""
    device = sign_out_at(request, request.user, pk)
    said = _("You are signed out there: %(device)s.") % {"device": device} if device else _("You are signed out there.")
    messages.success(request, said)
    return redirect("access")
