"""Hold: every cohort HR runs, five a page, with what needs them in the next two weeks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from courseplatform import clock
from courseplatform.cohorts.models import Cohort
from courseplatform.insights.attention import Item, items
from courseplatform.insights.overview import Overview, overview
from courseplatform.people.models import DataRequest, User
from courseplatform.people.requests import PersonRequest

MOST_LINES = 3
PER_PAGE = 5
GONE = (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)


@dataclass(frozen=True)
class Card:
    """One cohort on the page."""

    view: Overview
    items: list[Item]

    @property
    def more(self) -> int:
        return max(0, len(self.items) - MOST_LINES)

    @property
    def first(self) -> list[Item]:
        return self.items[:MOST_LINES]


@login_required
@require_GET
def cohorts(request: PersonRequest) -> HttpResponse:
    """404 for somebody who runs no cohort and is HR nowhere."""
    run = list(Cohort.objects.run_by(request.user).select_related("municipality", "programme_version"))
    if not run and not request.user.has_role("hr"):
        raise Http404
    over = [cohort for cohort in run if cohort.state in GONE]
    alive = [cohort for cohort in run if cohort.state not in GONE]
    page = Paginator(alive, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cards": _cards(page, request.user),
        "page": page,
        "over": over,
        "asked": DataRequest.objects.for_desk(request.user).open().count(),
        "is_desk": request.user.has_role("hr"),
    }
    return render(request, "insights/cohorts.html", context)


def _cards(run: Iterable[Cohort], reader: User) -> list[Card]:
    now = clock.now()
    views = [overview(cohort, reader, now) for cohort in run]
    return [Card(view, items(view)) for view in views]
