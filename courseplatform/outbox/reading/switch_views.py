"""One switch for each kind of mail, on one's own page. Nobody else is told."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.unsubscribing import WHAT_STOPS, go_on_with_kind, stop_kind
from courseplatform.people.requests import PersonRequest


@login_required
@require_POST
def mail_kind(request: PersonRequest, kind: str) -> HttpResponse:
    """On or off, as the button says; a second tap on the same button changes nothing. Not for what always comes."""
    if kind not in WHAT_STOPS:
        raise Http404
    change = go_on_with_kind if request.POST.get("to") == "on" else stop_kind
    change(request.user, Message.Kind(kind))
    return redirect(reverse("me") + "#mails")
