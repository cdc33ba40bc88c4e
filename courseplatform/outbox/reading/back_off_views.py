"""Keep, fewer or stop: the page behind the one line that is sent when questions stayed open (MODEL P7)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.outbox.models import BackOff
from courseplatform.outbox.reading.back_off import decide, open_back_off, wish
from courseplatform.people.requests import PersonRequest

Choice = BackOff.Choice


@login_required
@require_http_methods(["GET", "POST"])
def back_off(request: PersonRequest) -> HttpResponse:
    """Three buttons; the one the mail's link named comes first. Looking changes nothing."""
    if request.method == "POST" and request.POST.get("choice") in Choice.values:
        _choose(request, Choice(request.POST["choice"]))
        return redirect("me")
    named = request.GET.get("choice")
    ways = sorted(Choice.values, key=lambda choice: choice != named)
    waiting = open_back_off(request.user.pk)
    return render(request, "outbox/back_off.html", {"ways": ways, "until": waiting.quiet_until if waiting else None})


def _choose(request: PersonRequest, choice: Choice) -> None:
    waiting = open_back_off(request.user.pk)
    if not (waiting and decide(waiting, choice, clock.now())):
        wish(request.user.pk, choice)
    said = {
        Choice.KEEP: _("You get the questions as before."),
        Choice.FEWER: _("You get one mail a week at most."),
        Choice.STOP: _("You get no more questions. Workshops and conversations are still announced."),
    }
    messages.success(request, said[choice])
