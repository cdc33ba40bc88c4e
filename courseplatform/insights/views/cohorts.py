"""Hold: every cohort HR runs, with what needs them in the next two weeks."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
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
    cards = _cards([cohort for cohort in run if cohort.state not in GONE], request.user)
    asked = DataRequest.objects.for_desk(request.user).open().count()
    context = {"cards": cards, "over": over, "asked": asked, "is_desk": request.user.has_role("hr")}
    return render(request, "insights/cohorts.html", context)


def _cards(run: list[Cohort], reader: User) -> list[Card]:
    now = clock.now()
    views = [overview(cohort, reader, now) for cohort in run]
    return [Card(view, items(view)) for view in views]
