"""The learning group, for its members and for its facilitator: people, next meeting, and what was shared."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, GroupMeeting, GroupMembership, LearningGroup, Workshop
from courseplatform.journal import entries
from courseplatform.journal.models import Reflection
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme

SHARED_SHOWN = 10


@login_required
@require_safe
def group(request: PersonRequest) -> HttpResponse:
    """My learning group today; the latest cohort's when there are several."""
    reader = request.user
    gone = [Cohort.State.CANCELLED, Cohort.State.ARCHIVED]
    mine = GroupMembership.objects.filter(enrolment__person=reader, left_at=None)
    stay = (
        mine.exclude(enrolment__cohort__state__in=gone)
        .select_related("group__facilitator", "group__cohort__programme_version")
        .order_by("-group__cohort__starts_on")
        .first()
    )
    if stay is None:
        return render(request, "journal/no_group.html")
    shared = Reflection.objects.shared_with(reader).filter(enrolment__group_memberships__group=stay.group)
    page = Paginator(_newest(shared), SHARED_SHOWN).get_page(request.GET.get("page"))
    context = {
        "group": stay.group,
        "members": members_of(stay.group),
        "meeting": next_meeting(stay.group),
        "page": page,
        "rows": [row_of(reflection) for reflection in page],
    }
    return render(request, "journal/group.html", context)


@login_required
@require_safe
def facilitator(request: PersonRequest) -> HttpResponse:
    """What needs a facilitator: the next dates, the groups, and what they have shared."""
    reader = request.user
    cohorts = Cohort.objects.facilitated_by(reader).alive().select_related("programme_version")
    if not cohorts and not reader.has_role("facilitator"):
        raise Http404
    shared = Reflection.objects.shared_with(reader).filter(enrolment__group_memberships__group__facilitator=reader)
    page = Paginator(_newest(shared), SHARED_SHOWN).get_page(request.GET.get("page"))
    context = {
        "cohorts": [_cohort(cohort) for cohort in cohorts],
        "groups": [_group(one) for one in _facilitated(reader)],
        "page": page,
        "rows": [row_of(reflection) for reflection in page],
    }
    return render(request, "journal/facilitator.html", context)


def _newest(shared: QuerySet[Reflection]) -> QuerySet[Reflection]:
    related = ("author__key", "author__org_unit", "enrolment__cohort__programme_version")
    return shared.distinct().select_related(*related).order_by("-shared_at")


def row_of(reflection: Reflection) -> dict[str, Any]:
    """A shared entry as a line in a list: who, the question, and how it begins."""
    question, language = entries.question_of(reflection)
    texts = [answer.text for answer in entries.answers(reflection, entries.fields_of(reflection))]
    return {
        "reflection": reflection,
        "question": question,
        "question_language": language,
        "beginning": " ".join(texts),
    }


def members_of(group: LearningGroup) -> list[User]:
    """Who is in the group now, by name."""
    stays = group.memberships.filter(left_at=None).select_related("enrolment__person__org_unit")
    return sorted((stay.enrolment.person for stay in stays), key=lambda person: person.display_name)


def next_meeting(group: LearningGroup) -> dict[str, Any] | None:
    """The first meeting that has not been, with its theme; without `starts_at` when no day is found yet."""
    coming = (GroupMeeting.State.PROPOSED, GroupMeeting.State.SCHEDULED)
    now = clock.now()
    meetings = [one for one in group.meetings.all() if one.state in coming]
    ahead = [one for one in meetings if one.starts_at is None or (one.ends_at and one.ends_at > now)]
    if not ahead:
        return None
    first = min(ahead, key=lambda one: one.key)
    theme = programme(group.cohort.programme_version.digest).group_meeting(first.key).theme
    return {"meeting": first, "theme": theme, "number": int("".join(filter(str.isdigit, first.key)) or 0)}


def _facilitated(reader: User) -> QuerySet[LearningGroup]:
    stays = GroupMembership.objects.filter(left_at=None).select_related("enrolment__person")
    alive = Cohort.objects.facilitated_by(reader).alive()
    return (
        LearningGroup.objects.filter(facilitator=reader, cohort__in=alive)
        .select_related("cohort__programme_version")
        .prefetch_related("meetings", Prefetch("memberships", queryset=stays))
    )


def _group(group: LearningGroup) -> dict[str, Any]:
    names = sorted(stay.enrolment.person.display_name for stay in group.memberships.all())
    return {"group": group, "names": names, "next": next_meeting(group)}


def _cohort(cohort: Cohort) -> dict[str, Any]:
    coming = cohort.workshops.filter(state=Workshop.State.SCHEDULED, ends_at__gt=clock.now())
    workshop = coming.order_by("starts_at").first()
    title = programme(cohort.programme_version.digest).workshop(workshop.key).title if workshop else None
    return {"cohort": cohort, "workshop": workshop, "title": title}
