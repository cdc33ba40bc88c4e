"""Somebody else's question and experiments, as far as this reader may see them now."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from courseplatform import clock
from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.experiments.trying import present_wording, trials
from courseplatform.journal.groups.peer_questions_page import asked_about
from courseplatform.journal.models import Experiment, Project
from courseplatform.journal.private_pages import reading_page
from courseplatform.journal.views.experiments import ITS_OWN, purpose
from courseplatform.people.privacy.audit import record_daily
from courseplatform.people.requests import PersonRequest


@reading_page
def theirs(request: PersonRequest, enrolment: UUID) -> HttpResponse:
    """The question of somebody in my group, or in one I facilitate, and what they try. They can see who looked."""
    reader, now = request.user, clock.now()
    if reader.enrolments.filter(pk=enrolment).exists():
        return redirect("experiments")
    shown = Project.objects.shown_to(reader).filter(enrolment=enrolment).select_related(*WITH_AUTHOR)
    project = get_object_or_404(shown.order_by("-created_at")[:1])
    own = Experiment.objects.shown_to(reader).filter(enrolment=enrolment).select_related(*ITS_OWN)
    record_daily(reader, "read", project, about=project.author, purpose=purpose(project.author), now=now)
    wording = present_wording(project)
    is_facilitator = project.enrolment.cohort.facilitators.filter(pk=reader.pk).exists()
    context = {
        "author": project.author,
        "is_facilitator": is_facilitator,
        "wording": wording,
        "trials": trials(own, now),
        "asked": asked_about([wording.question] if wording else [], reader, now),
        "fresh_id": uuid4(),
    }
    return render(request, "journal/experiments_shared.html", context)
