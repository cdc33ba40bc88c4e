"""Holdet: what needs HR, the people, the groups, the workshops, the messages."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.version import MAY_CHANGE, versions_for
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.insights import movement, people_list
from courseplatform.insights.attention import items
from courseplatform.insights.ledger import reading
from courseplatform.insights.overview import Overview, overview
from courseplatform.insights.status import write_down
from courseplatform.outbox.sending.outages import outages_of
from courseplatform.people.requests import PersonRequest
from lessons.models import ProgrammeVersion


@login_required
@require_GET
def cohort(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One cohort, for those who run it. Whom the list shows with lessons and answers can see that it was opened."""
    view = overview(run_by(request.user, pk), request.user, clock.now())
    choice = people_list.Choice.read(request.GET)
    page = people_list.page(view.seen, choice, request.GET.get("page"))
    write_down(request.user, page, view.now)
    context = {
        "view": view,
        "cohort": view.cohort,
        "items": items(view),
        "choice": choice,
        "page": page,
        "column": _column(view, choice.workshop),
        "workshops": _workshops(view),
        "groups": _groups(view),
        "shelves": reading.counts(view.cohort, view.now),
        "outages": outages_of(view.cohort),
        "reading": movement.reading(view.people, view.cohort),
        "newer": _newer_version(view.cohort),
        "answering": movement.answering(view.people, view.cohort),
        "trying": movement.trying(view.people, view.cohort),
    }
    return render(request, "insights/cohort.html", context)


def _newer_version(cohort: Cohort) -> ProgrammeVersion | None:
    """The programme's newest version, while the cohort could still follow it and does not."""
    if cohort.state not in MAY_CHANGE:
        return None
    newest = versions_for(cohort)[0]
    return newest if newest.published_at > cohort.programme_version.published_at else None


def _column(view: Overview, key: str) -> dict[str, object] | None:
    """The workshop whose answers stand beside the names: the one asked for, else the next, else the last."""
    known = [event for event in view.dates.workshops if event.state != Workshop.State.DRAFT and event.starts_at]
    ahead = [event for event in known if event.ends_at and event.ends_at > view.now and not event.is_cancelled]
    chosen = next((event for event in known if event.key == key), None) or next(iter(ahead or known[-1:]), None)
    return {"key": chosen.key, "number": number_of(view, chosen.key)} if chosen else None


def number_of(view: Overview, key: str) -> int:
    """A workshop's place in the programme, counted from 1."""
    return [workshop.key for workshop in view.dates.programme.workshops].index(key) + 1


def _workshops(view: Overview) -> list[dict[str, object]]:
    language = get_language()
    return [
        {
            "event": event,
            "number": number_of(view, event.key),
            "title": view.dates.programme.workshop(event.key).title.read(language),
            "state": Workshop.State(event.state).label,
        }
        for event in view.dates.workshops
    ]


def _groups(view: Overview) -> list[dict[str, object]]:
    """Each group with its size and the next meeting that is neither held nor cancelled."""
    on_it = [person for person in view.seen if person.state not in Enrolment.FINAL or person.state == "completed"]
    rows = []
    for pk, group in view.groups.items():
        size = sum(person.group == group.name for person in on_it)
        rows.append({"group": group, "size": size, **_next_meeting(view, pk)})
    return rows


def _next_meeting(view: Overview, group: UUID) -> dict[str, object]:
    keys = [meeting.key for meeting in view.dates.programme.group_meetings]
    for event in view.dates.meetings:
        if event.group_id == group and event.state in ("proposed", "scheduled"):
            number = keys.index(event.key) + 1
            week = view.dates.day(view.dates.programme.group_meeting(event.key).week)
            return {"meeting": event, "number": number, "week": week}
    return {}
