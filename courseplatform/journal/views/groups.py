"""The learning group, for its members and for its facilitator: people, next meeting, and what was shared."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, GroupMeeting, GroupMembership, LearningGroup, Workshop
from courseplatform.journal.experiments.trying import who_ask
from courseplatform.journal.groups.agreements import open_proposal
from courseplatform.journal.groups.group_page import gone_from, invited_to, meetings_on
from courseplatform.journal.groups.meetings import members_of
from courseplatform.journal.groups.peer_questions_page import places
from courseplatform.journal.models import Reflection
from courseplatform.journal.private_pages import reading_page
from courseplatform.journal.reflections import entries
from courseplatform.journal.reflections.readers import name_of_author
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.versions import programme

SHARED_SHOWN = 10


@reading_page
def group(request: PersonRequest) -> HttpResponse:
    """My learning group today; the latest cohort's, or that of `?hold=`, when there are several."""
    stays = list(_stays(request.user))
    if not stays:
        return render(request, "journal/no_group.html")
    chosen = request.GET.get("hold")
    stay = next((one for one in stays if str(one.group.cohort_id) == chosen), stays[0])
    now = clock.now()
    shared = Reflection.objects.shared_with(request.user).filter(enrolment__cohort=stay.group.cohort_id)
    asked = places(request.user, unseen=False)
    context = {
        "group": stay.group,
        "cohort_id": str(stay.group.cohort_id),
        "others": [one.group for one in stays if one != stay],
        "members": members_of(stay.group),
        "who_ask": who_ask(request.user),
        **meetings_on(stay.group, request.user, now),
        "proposed": open_proposal(stay.group),
        "answers_to_me": [one for one in asked if one.answers],
        "asked_of_me": [one for one in asked if not one.answers],
        "gone": gone_from(stay.group, now),
        **_page_of(request, shared),
    }
    return render(request, "journal/group.html", context)


def _stays(person: User) -> QuerySet[GroupMembership]:
    gone = [Cohort.State.CANCELLED, Cohort.State.ARCHIVED]
    now_in = GroupMembership.objects.filter(enrolment__person=person, left_at=None).exclude(
        enrolment__cohort__state__in=gone
    )
    related = now_in.select_related("group__facilitator", "group__cohort__programme_version")
    return related.order_by("-group__cohort__starts_on")


@reading_page
def facilitator(request: PersonRequest) -> HttpResponse:
    """What needs a facilitator: the next dates, the groups, and what they have shared."""
    reader = request.user
    cohorts = Cohort.objects.facilitated_by(reader).alive().select_related("programme_version")
    if not cohorts and not reader.has_role("facilitator"):
        raise Http404
    shared = Reflection.objects.shared_with(reader).filter(enrolment__cohort__in=cohorts)
    context = {
        "cohorts": [_cohort(cohort) for cohort in cohorts.prefetch_related("workshops")],
        "groups": [_group(one) for one in _facilitated(reader)],
        "who_ask": who_ask(reader),
        "answers_to_me": [one for one in places(reader, unseen=True) if one.answers],
        **_page_of(request, shared),
    }
    return render(request, "journal/facilitator.html", context)


def _page_of(request: PersonRequest, shared: QuerySet[Reflection]) -> dict[str, Any]:
    related = ("author__org_unit", "enrolment__cohort__programme_version")
    newest = shared.select_related(*related).order_by("-shared_at")
    page = Paginator(newest, SHARED_SHOWN).get_page(request.GET.get("page"))
    return {"page": page, "rows": [row_of(reflection) for reflection in page]}


def row_of(reflection: Reflection) -> dict[str, Any]:
    """A shared entry as a line in a list: who and about what. To read it is to open it, and that is written down."""
    question, language = entries.question_of(reflection)
    return {
        "reflection": reflection,
        "name": name_of_author(reflection),
        "question": question,
        "question_language": language,
    }


def next_meeting(group: LearningGroup) -> dict[str, Any] | None:
    """The first meeting that has not been, with its theme; without `starts_at` when no day is found yet."""
    coming = (GroupMeeting.State.PROPOSED, GroupMeeting.State.SCHEDULED)
    now = clock.now()
    meetings = {one.key: one for one in group.meetings.all() if one.state in coming}
    planned = programme(group.cohort.programme_version.digest).group_meetings
    for number, one in enumerate(planned, 1):
        meeting = meetings.get(one.key)
        if meeting and (meeting.ends_at is None or meeting.ends_at > now):
            return {"meeting": meeting, "theme": one.theme, "number": number}
    return None


def _facilitated(reader: User) -> QuerySet[LearningGroup]:
    stays = GroupMembership.objects.filter(left_at=None).select_related("enrolment__person")
    meetings = GroupMeeting.objects.select_related("facilitator_invitation")
    alive = Cohort.objects.facilitated_by(reader).alive()
    return (
        LearningGroup.objects.filter(facilitator=reader, cohort__in=alive)
        .select_related("cohort__programme_version")
        .prefetch_related(Prefetch("meetings", queryset=meetings))
        .prefetch_related(Prefetch("memberships", queryset=stays))
    )


def _group(group: LearningGroup) -> dict[str, Any]:
    members = sorted((stay.enrolment for stay in group.memberships.all()), key=lambda one: one.person.display_name)
    return {"group": group, "members": members, "next": next_meeting(group), "invited": invited_to(group)}


def _cohort(cohort: Cohort) -> dict[str, Any]:
    now = clock.now()
    ahead = [one for one in cohort.workshops.all() if one.state == Workshop.State.SCHEDULED and _is_ahead(one, now)]
    workshop = ahead[0] if ahead else None  # in order of their start
    title = programme(cohort.programme_version.digest).workshop(workshop.key).title if workshop else None
    return {"cohort": cohort, "workshop": workshop, "title": title}


def _is_ahead(workshop: Workshop, now: datetime) -> bool:
    return workshop.ends_at is not None and workshop.ends_at > now
