"""The group's agreement: what counts, what is proposed, and what it said before."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from courseplatform import clock
from courseplatform.cohorts.models import LearningGroup
from courseplatform.journal.groups import agreements
from courseplatform.journal.groups.meetings import groups_of
from courseplatform.journal.private_pages import is_autosave, writing_page
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.views import kept_form
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

MEANWHILE = _("Another wording has been proposed meanwhile. It stands above; yours is in the field.")


@writing_page
def agreement(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Read it, propose another wording, say yes, or lay a proposal aside."""
    group = get_object_or_404(groups_of(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, group)
    if kept_form.takes_other(request):
        return redirect("agreement", group.pk)
    act = {"propose": _propose, "yes": _yes, "drop": _drop}.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    return act(request, group)


def _page(
    request: PersonRequest, group: LearningGroup, *, text: str = "", status: int = 200, **context: Any
) -> HttpResponse:
    versions = list(group.agreements.select_related("created_by").prefetch_related("yeses"))
    proposed = next((one for one in versions if one.state == one.State.PROPOSED), None)
    waiting = agreements.waiting_for(proposed) if proposed else []
    page = {
        "group": group,
        "proposed": proposed,
        "waiting": waiting,
        "may_say_yes": proposed and (request.user in waiting or not waiting),
        "earlier": [one for one in versions if one != proposed and one.text != group.agreement],
        "text": text or (proposed.text if proposed else group.agreement),
    }
    return render(request, "journal/agreement.html", page | context, status=status)


def _propose(request: PersonRequest, group: LearningGroup) -> HttpResponse:
    if is_autosave(request):
        return kept_form.send_quietly(request, lambda: _proposed(request, group))
    text = request.POST.get("field-text", "")
    try:
        return redirect(_proposed(request, group))
    except StaleError:
        return _page(request, group, text=text, problem=MEANWHILE, is_late=True, status=409)
    except Refusal as refusal:
        return _page(request, group, text=text, problem=refusal.sentence, status=422)


def _proposed(request: PersonRequest, group: LearningGroup) -> str:
    """Where it stands. Raises Refusal, and StaleError where a proposal waits that was not on the page."""
    text, seen = request.POST.get("field-text", ""), request.POST.get("instead", "")
    agreements.propose(group, text, by=request.user, now=clock.now(), instead_of=seen)
    return reverse("agreement", args=[group.pk])


def _yes(request: PersonRequest, group: LearningGroup) -> HttpResponse:
    version = get_object_or_404(group.agreements, version=_number(request))
    agreements.say_yes(version, request.user, now=clock.now())
    return redirect("agreement", group.pk)


def _drop(request: PersonRequest, group: LearningGroup) -> HttpResponse:
    agreements.drop(get_object_or_404(group.agreements, version=_number(request)), now=clock.now())
    return redirect("agreement", group.pk)


def _number(request: PersonRequest) -> int:
    """The version that was on the page. Raises Http404 for none."""
    given = request.POST.get("version", "")
    if not (given.isascii() and given.isdigit() and len(given) < 5):
        raise Http404
    return int(given)
