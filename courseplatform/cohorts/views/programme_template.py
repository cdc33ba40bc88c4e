"""A published version as the three lines, with weeks for dates: for who plans with it, teaches it or writes it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from courseplatform.cohorts.calendar.dates import resolve
from courseplatform.cohorts.models import Cohort
from courseplatform.cohorts.three_lines.lines import View, lines_of
from courseplatform.people.models import RoleAssignment, User
from courseplatform.people.requests import PersonRequest
from lessons.models import LessonPage, ProgrammePage, ProgrammeVersion
from lessons.versions import programme


@login_required
@require_safe
def programme_template(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Every stop opens the author's page of it, for those who may write there."""
    version = get_object_or_404(ProgrammeVersion, pk=pk)
    if not _plans_with(request.user, version):
        raise Http404
    whole = programme(version.digest)
    pages = _pages(version) if request.user.has_perm("wagtailadmin.access_admin") else {}
    view = View(today=None, lesson_address=lambda key: pages.get(key, ""))
    lines = lines_of(resolve(whole, whole.example_start, whole.timezone), view)
    context = {"version": version, "whole": whole, "lines": lines, "as_list": request.GET.get("vis") == "liste"}
    return render(request, "cohorts/programme_template.html", context)


def _plans_with(person: User, version: ProgrammeVersion) -> bool:
    """HR, who chooses among all versions; an author; or the facilitator of a cohort that follows it."""
    if person.has_role(RoleAssignment.Kind.HR) or person.has_perm("wagtailadmin.access_admin"):
        return True
    own = Q(facilitators=person) | Q(owner_hr=person)
    return Cohort.objects.filter(own, programme_version=version).exists()


def _pages(version: ProgrammeVersion) -> dict[str, str]:
    """Lesson key → where it is written. Two queries."""
    page = ProgrammePage.objects.filter(key=version.programme_key).first()
    if page is None:
        return {}
    written = LessonPage.objects.descendant_of(page).values_list("key", "pk")
    return {key: reverse("wagtailadmin_pages:edit", args=[pk]) for key, pk in written}
