"""Levering: how the delivery stands, for system administrators. Addresses half hidden; never what is said."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from courseplatform import clock
from courseplatform.outbox.models import IncomingMail, Message, Pulse, Relay
from courseplatform.outbox.operating.deciding import AT_ONCE, give_up, masked, pile, try_again, worth_trying
from courseplatform.outbox.operating.delivery_state import ages, in_need, open_claims, planned_until, put_aside, queues
from courseplatform.outbox.planning.turns import in_trouble
from courseplatform.outbox.reading.reasons import sentence
from courseplatform.outbox.sending import braking
from courseplatform.people.requests import PersonRequest

View = Callable[[PersonRequest], HttpResponse]
PER_PAGE = 50
LATELY = timedelta(days=7)
PRIORITIES = {
    Message.EVENT_CHANGE: gettext_lazy("Moves and cancellations"),
    Message.EVENT_REMINDER: gettext_lazy("Reminders of workshops and meetings"),
    Message.THE_REST: gettext_lazy("Questions and all the rest"),
}
TICKS = {
    "plan": gettext_lazy("Planning"),
    "dispatch": gettext_lazy("Sending"),
    "reap": gettext_lazy("Tidying up"),
}


def for_operators(view: View) -> View:
    """Who works at the support desk and may change messages there; nobody else finds the page."""

    @login_required
    @wraps(view)
    def guarded(request: PersonRequest) -> HttpResponse:
        if not (request.user.is_staff and request.user.has_perm("outbox.change_message")):
            raise Http404
        return view(request)

    return guarded


@for_operators
@require_safe
def delivery(request: PersonRequest) -> HttpResponse:
    """The whole state on one page, and what waits for a decision."""
    now, pulse = clock.now(), Pulse.objects.first()
    waiting = queues(now)
    needy = in_need().select_related("person").order_by("-due_at", "pk")
    page = Paginator(needy, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": now,
        "pulse": pulse,
        "unplannable": in_trouble()[:PER_PAGE],
        "queues": [{"queue": one, "title": PRIORITIES[one.priority], "is_late": one.is_late(now)} for one in waiting],
        "planned_until": planned_until(waiting),
        "ticks": [(TICKS[tick], passed) for tick, passed in ages(now, pulse).items()],
        "relays": _relays(),
        "claims": open_claims()[:PER_PAGE],
        "incoming": _incoming(now),
        "piles": [(*pile, sentence(pile[1])) for pile in put_aside()],
        "page": page,
        "rows": [_row(message, now) for message in page],
    }
    return render(request, "outbox/delivery.html", context)


def _relays() -> list[dict[str, Any]]:
    """Each mail server; and first the brake, once it is on."""
    rows = Relay.objects.order_by("-name")
    found = [(row, row.name.startswith(braking.NAME)) for row in rows]
    shown = [(row, is_brake) for row, is_brake in found if not is_brake or row.failures]
    return [
        {"name": row.name, "open_until": row.open_until, "failures": row.failures, "is_brake": is_brake}
        for row, is_brake in sorted(shown, key=lambda one: not one[1])
    ]


def _incoming(now: datetime) -> QuerySet[IncomingMail, tuple[str, str, int]]:
    """What came in lately and what became of it. Nothing of what it said is kept."""
    lately = IncomingMail.objects.filter(received_at__gt=now - LATELY)
    numbers = lately.order_by().values("kind", "outcome").annotate(number=Count("pk"))
    return numbers.order_by("-number", "kind", "outcome").values_list("kind", "outcome", "number")


def _row(message: Message, now: datetime) -> dict[str, Any]:
    return {
        "message": message,
        "to": masked(message.person.email),
        "why": sentence(message.reason),
        "is_over": message.expires_at <= now,
    }


@for_operators
@require_POST
def again(request: PersonRequest) -> HttpResponse:
    """Try one or a whole pile again. What may have gone out already is asked about first."""
    chosen, now = _chosen(request), clock.now()
    is_confirmed = request.POST.get("even_twice") == "yes"
    if "message" in request.POST and not is_confirmed and (unsure := chosen.filter(maybe_sent=True).first()):
        return render(request, "outbox/delivery_twice.html", _row(unsure, now))
    if page := _asked_first(request, worth_trying(chosen, now), is_again=True):
        return page
    number = try_again(chosen, request.user, now, even_twice=is_confirmed)
    said = ngettext("%(number)d message is tried again.", "%(number)d messages are tried again.", number)
    left = _(
        "Left alone: what may have gone out already is decided one by one, what is too late is given up, "
        "and where the address takes no mail it must be corrected first."
    )
    is_whole = not chosen.exists()
    notices.info(request, said % {"number": number} if is_whole else f"{said % {'number': number}} {left}")
    return redirect("delivery")


@for_operators
@require_POST
def no_more(request: PersonRequest) -> HttpResponse:
    """Give up one, or a whole pile."""
    if page := _asked_first(request, _chosen(request), is_again=False):
        return page
    number = give_up(_chosen(request), request.user, clock.now())
    said = ngettext("%(number)d message is given up.", "%(number)d messages are given up.", number)
    notices.info(request, said % {"number": number})
    return redirect("delivery")


def _asked_first(request: PersonRequest, messages: QuerySet[Message], *, is_again: bool) -> HttpResponse | None:
    """The page that says what would be decided; None for one message, and once somebody has said yes to so many."""
    if "message" in request.POST:
        return None
    found = pile(messages)
    if not found.number or request.POST.get("number") == str(found.number):
        return None
    left = _chosen(request).count() - found.number
    return render(
        request,
        "outbox/delivery_sure.html",
        {
            "pile": found,
            "left": left,
            "is_again": is_again,
            "most": AT_ONCE,
            "state": request.POST["state"],
            "reason": request.POST["reason"],
            "why": sentence(request.POST["reason"]),
        },
    )


def _chosen(request: PersonRequest) -> QuerySet[Message]:
    """The one named, or all that lie in one pile. 404 for nonsense."""
    if "message" not in request.POST:
        return in_need().filter(state=request.POST.get("state", ""), reason=request.POST.get("reason", ""))
    try:
        return in_need().filter(pk=UUID(request.POST["message"]))
    except ValueError as nonsense:
        raise Http404 from nonsense
