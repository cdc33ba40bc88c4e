"""What people ask of their own data, for HR: who, what and by when; never a text, nor how many there are."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal import erasing
from courseplatform.people.models import DataRequest, User
from courseplatform.people.privacy import audit, data_requests
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import tidy

DONE_SHOWN = 20
IDENTIFIED = gettext_lazy("Made sure that it was you who asked")
REFUSED = gettext_lazy("Refused to erase")


@login_required
@require_http_methods(["GET", "POST"])
def all_requests(request: PersonRequest) -> HttpResponse:
    """The open ones, the most urgent first, and the latest that are done; a letter from who has left is written down.

    404 for somebody who is HR nowhere.
    """
    if not request.user.has_role("hr"):
        raise Http404
    return _receive(request) if request.method == "POST" else _list(request)


def _receive(request: PersonRequest) -> HttpResponse:
    email = tidy(request.POST.get("email", "")).casefold()
    roles = request.user.role_assignments.filter(kind="hr")
    person = User.objects.filter(email=email, municipality__in=roles.values("municipality")).first()
    if person is None:
        return _list(request, problem=_("Nobody has had that address here."), typed=email, status=422)
    received = data_requests.receive(person, DataRequest.Kind.ERASE, by=request.user, now=clock.now())
    return redirect("data-request", received.pk)


def _list(request: PersonRequest, *, status: int = 200, **more: str) -> HttpResponse:
    mine = DataRequest.objects.for_desk(request.user).select_related("person__org_unit")
    context = {
        "open": mine.open(),
        "ended": mine.exclude(state__in=DataRequest.OPEN).order_by("-ended_at")[:DONE_SHOWN],
        "today": clock.today(request.user.timezone),
    }
    return render(request, "insights/data_requests.html", context | more, status=status)


def _erases(request: HttpRequest) -> bool:
    return request.POST.get("do") == "erase"


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True, enabled=_erases)  # type: ignore[untyped-decorator]
def one_request(request: PersonRequest, pk: UUID) -> HttpResponse:
    """What carrying it out does, before it is done; a tick, a press and the password once more do it.

    A second press finds it done.
    """
    whole = DataRequest.objects.for_desk(request.user).select_related("person__org_unit")
    found = get_object_or_404(whole, pk=pk)
    if request.method != "POST":
        return _page(request, found)
    if found.state not in DataRequest.OPEN:
        return redirect("data-request", pk)
    if request.POST.get("do") == "refuse":
        return _refuse(request, found)
    if request.POST.get("do") == "identify":
        return _identify(request, found)
    if not request.POST.get("sure"):
        return _page(request, found, problem=_("Tick that it is to be erased for good."), status=422)
    erasing.carry_out(found, by=request.user, now=clock.now())
    messages.success(request, _("It is erased, and written down."), extra_tags="good")
    return redirect("data-request", pk)


def _identify(request: PersonRequest, found: DataRequest) -> HttpResponse:
    data_requests.identify(found)
    _note(request, "identify", found, IDENTIFIED)
    return redirect("data-request", found.pk)


def _refuse(request: PersonRequest, found: DataRequest) -> HttpResponse:
    data_requests.refuse(found, request.POST.get("ground", ""), clock.now())
    _note(request, "refuse", found, REFUSED)
    messages.success(request, _("It is refused. The person can read why, and where to complain."), extra_tags="good")
    return redirect("data-request", found.pk)


def _note(request: PersonRequest, step: str, found: DataRequest, purpose: object) -> None:
    """In the language of the person it is about: they read it on their own page."""
    with override(found.person.language):
        audit.record(request.user, step, found, about=found.person, purpose=str(purpose), now=clock.now())


def _page(request: PersonRequest, found: DataRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    open_ones = Enrolment.objects.filter(person=found.person).open().select_related("cohort")
    context = {
        "asked": found,
        "is_open": found.state in DataRequest.OPEN,
        "is_erasing": found.kind == DataRequest.Kind.ERASE,
        "cohorts": [one.cohort for one in open_ones],
        "problem": problem,
    }
    return render(request, "insights/data_request.html", context, status=status)
