"""Another version of the programme: what it changes for this cohort, said first and done after a yes (MODEL I1)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, GroupMeeting, Workshop
from courseplatform.cohorts.read_texts import read_before
from courseplatform.cohorts.setting_up.forms import ReasonForm
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions.version import MAY_CHANGE, Days, apply_version, days_if_applied, versions_for
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.insights.what_if.version import dates_with, if_applied
from courseplatform.insights.what_if.version_words import in_words
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import replan
from courseplatform.people.requests import PersonRequest
from lessons.models import ProgrammeVersion
from lessons.shape import Programme
from lessons.versions import knowing, programme


@login_required
@require_http_methods(["GET", "POST"])
def cohort_version(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The newest version, or with `til` another, beside the one the cohort follows; saved only with “confirmed”."""
    cohort, now = run_by(request.user, pk), clock.now()
    versions = versions_for(cohort)
    chosen = _chosen(versions, request.POST.get("til") or request.GET.get("til"))
    forms = _Reasons(request.POST)
    if "confirmed" in request.POST:
        page = {name: request.POST.get(name, "") for name in ("seen", "newest")}
        apply_version(cohort, chosen, **page, by=request.user, now=now)
        plan_invitations(cohort, now)
        replan(cohort, now)
        return redirect("cohort", cohort.pk)
    if reason := forms.given():
        _cancel(cohort, request.POST["cancel"], reason, now)
        return redirect(f"{reverse('cohort-version', args=[cohort.pk])}?til={chosen.number}")
    context: dict[str, object] = {"cohort": cohort, "chosen": chosen, "newest": versions[0]}
    context["others"] = [one for one in versions if one not in (chosen, cohort.programme_version)]
    context["may_change"] = cohort.state in MAY_CHANGE
    if chosen != cohort.programme_version:
        context |= _difference(cohort, chosen, forms, now)
    return render(request, "insights/version.html", context)


@dataclass(frozen=True)
class _Reasons:
    """One form for each meeting that must be cancelled first; the one that was sent shows what is wrong with it."""

    posted: QueryDict

    def form(self, meeting: str) -> ReasonForm:
        is_posted = self.posted.get("cancel") == meeting
        return ReasonForm(self.posted if is_posted else None, auto_id=f"{meeting}-%s")

    def given(self) -> str:
        """Empty when no meeting was to be cancelled, or without a usable reason."""
        form = self.form(self.posted.get("cancel", ""))
        return form.cleaned_data["reason"] if form.is_valid() else ""


def _chosen(versions: list[ProgrammeVersion], number: str | None) -> ProgrammeVersion:
    found = next((one for one in versions if number in (None, one.number)), None)
    if found is None:
        raise Http404
    return found


def _cancel(cohort: Cohort, meeting: str, reason: str, now: datetime) -> None:
    """A group's meeting that the version leaves out."""
    ours = GroupMeeting.objects.filter(group__cohort=cohort).select_related("group__cohort__municipality")
    meetings.cancel(get_object_or_404(ours, pk=_uuid(meeting)), reason=reason, now=now)
    replan(cohort, now)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as no_id:
        raise Http404 from no_id


def _difference(cohort: Cohort, chosen: ProgrammeVersion, forms: _Reasons, now: datetime) -> dict[str, object]:
    language = get_language() or "da"
    before, dates = programme(cohort.programme_version.digest), dates_with(cohort, chosen)
    days = days_if_applied(cohort, chosen, now)
    return {
        "themes": in_words(before, dates, language),
        "changes": [
            {"change": one, "text": one.text.read(language) if one.text else ("", language)}
            for one in if_applied(cohort, dates, now)
        ],
        "read_before": [
            {"title": lesson.title.read(language), "number": number}
            for lesson, number in read_before(cohort, dates.programme)
        ],
        "days": days,
        "in_the_way": [
            {"event": one, "title": _title(one, before, language), "form": forms.form(str(one.pk))}
            for one in days.in_the_way
        ],
        "leaving": _leaving(days, before, language),
        "drafts": [dates.programme.workshop(key).title.read(language) for key in days.workshops],
        "new_meetings": _themes(days, dates.programme, language),
    }


def _title(event: Workshop | GroupMeeting, before: Programme, language: str) -> tuple[str, str]:
    if isinstance(event, Workshop):
        return knowing(before, "workshops", event.key).workshop(event.key).title.read(language)
    return knowing(before, "group_meetings", event.key).group_meeting(event.key).theme.read(language)


def _leaving(days: Days, before: Programme, language: str) -> dict[tuple[str, str], int]:
    """Each draft, and each meeting that has no day yet, with how many groups lose it; 0 for a workshop."""
    groups: dict[tuple[str, str], int] = {}
    for event in days.leaving:
        title = _title(event, before, language)
        groups[title] = groups.get(title, 0) + isinstance(event, GroupMeeting)
    return groups


def _themes(days: Days, after: Programme, language: str) -> list[tuple[str, str]]:
    """Each new meeting once, however many groups get it."""
    keys = dict.fromkeys(key for _group, key in days.meetings)
    return [after.group_meeting(key).theme.read(language) for key in keys]
