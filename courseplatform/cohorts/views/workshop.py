"""One workshop: when and where first, then one's own answer."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from courseplatform import clock
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.people.models import User
from courseplatform.people.requests import PersonRequest
from lessons.shape import MessageClass, Programme, Prompt
from lessons.versions import knowing, programme

Response = Attendance.Response
CHOICES = (Response.ACCEPTED, Response.TENTATIVE, Response.DECLINED)


def open_to(person: User) -> QuerySet[Workshop]:
    """Workshops of cohorts the person takes part in, facilitates or runs; drafts only for those who run them."""
    taking_part = Enrolment.objects.filter(person=person, state__in=[*Enrolment.TAKING_PART, "invited"])
    runs = Q(cohort__in=Cohort.objects.run_by(person)) | Q(cohort__facilitators=person)
    attends = Q(cohort__enrolments__in=taking_part) & ~Q(state=Workshop.State.DRAFT)
    related = ("cohort__programme_version", "cohort__municipality")
    return Workshop.objects.filter(runs | attends).select_related(*related).distinct()


@login_required
@require_safe
def workshop_page(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Facts, my answer, what to prepare, and why we meet."""
    workshop = get_object_or_404(open_to(request.user), pk=pk)
    # What has been held stays readable when a later version leaves it out.
    whole = knowing(programme(workshop.cohort.programme_version.digest), "workshops", workshop.key)
    enrolment = _own_enrolment(request.user, workshop)
    attendance = Attendance.objects.filter(workshop=workshop, enrolment=enrolment).first() if enrolment else None
    now = clock.now()
    context = {
        "workshop": workshop,
        "planned": whole.workshop(workshop.key),
        "number": _number(whole, workshop.key),
        "enrolment": enrolment,
        "attendance": attendance,
        "choices": [(choice.value, choice.label) for choice in CHOICES],
        "may_answer": bool(enrolment and workshop.starts_at and now < workshop.starts_at)
        and workshop.state == Workshop.State.SCHEDULED,
        "is_over": bool(workshop.ends_at and workshop.ends_at <= now),
        "preparation": _preparation(whole, workshop.key),
    }
    return render(request, "cohorts/workshop.html", context)


@login_required
@require_POST
def workshop_answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Yes, perhaps or no, until it starts. The last answer stands."""
    workshop = get_object_or_404(open_to(request.user), pk=pk)
    enrolment = get_object_or_404(Enrolment.objects.of(request.user).taking_part(), cohort=workshop.cohort)
    answer_workshop(workshop, enrolment, request.POST.get("response", ""), now=clock.now())
    messages.success(request, _("Thank you. You can change your answer until it starts."), extra_tags="good")
    return redirect("workshop", workshop.pk)


def _own_enrolment(person: User, workshop: Workshop) -> Enrolment | None:
    return Enrolment.objects.of(person).taking_part().filter(cohort=workshop.cohort).first()


def _number(whole: Programme, key: str) -> int:
    return [workshop.key for workshop in whole.workshops].index(key) + 1


def _preparation(whole: Programme, key: str) -> Prompt | None:
    """What the reminder before this workshop asks people to do."""
    reminders = (one for one in whole.prompts if one.message_class == MessageClass.REMINDER)
    return next((one for one in reminders if one.anchor == f"workshop:{key}"), None)
