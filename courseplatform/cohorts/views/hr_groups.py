"""Nyt hold, fourth step: learning groups. A proposal first, then every place can be changed by hand."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from courseplatform import clock
from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMembership, LearningGroup
from courseplatform.cohorts.setting_up.new_cohort import make_groups, one_group_more
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.views.hr_cohort import run_by
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest


@login_required
@require_http_methods(["GET", "POST"])
def cohort_groups(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Show the groups; save where HR has put people. A place that breaks a rule leaves everything as it was."""
    cohort = run_by(request.user, pk)
    if request.method == "POST":
        try:
            arrange(cohort, request.POST, by=request.user, now=clock.now())
        except Refusal as refusal:
            return _page(request, cohort, refusal)
        return redirect("cohort-groups", cohort.pk)
    return _page(request, cohort)


@login_required
@require_POST
def cohort_groups_propose(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Place everybody who is in no group yet; or one empty group more, beside as many as the page showed."""
    cohort = run_by(request.user, pk)
    beside = request.POST.get("beside", "")
    try:
        arrange(cohort, request.POST, by=request.user, now=clock.now())  # what was chosen and not saved yet
    except Refusal as refusal:
        return _page(request, cohort, refusal)
    if beside.isascii() and beside.isdigit():
        one_group_more(cohort, beside=int(beside[:4]), by=request.user)
    else:
        make_groups(cohort, by=request.user, now=clock.now())
    return redirect("cohort-groups", cohort.pk)


def _page(request: PersonRequest, cohort: Cohort, refusal: Refusal | None = None) -> HttpResponse:
    return render(request, "cohorts/hr_groups.html", _context(cohort) | {"refusal": refusal})


@transaction.atomic
def arrange(cohort: Cohort, given: Mapping[str, str], *, by: User, now: datetime) -> None:
    """Put people and facilitators where the form says: fields `place-<enrolment>` and `facilitator-<group>`.

    Raises Refusal, and changes nothing, where a rule of MODEL I3 or I4 would be broken.
    """
    choices = {str(group.pk): group for group in cohort.groups.all()}
    moves = _moves(cohort, given, choices)
    # All leave before anybody joins, so that two people can change places in full groups.
    for enrolment, _to in moves:
        for membership in enrolment.group_memberships.filter(left_at=None):
            groups.leave(membership, now=now)
    for enrolment, to in moves:
        if to:
            groups.join(to, enrolment, by=by, now=now)
    _give_facilitators(cohort, given, choices, now)


def _moves(
    cohort: Cohort, given: Mapping[str, str], choices: dict[str, LearningGroup]
) -> list[tuple[Enrolment, LearningGroup | None]]:
    """Those whose place differs from what the form says."""
    present = _present_groups(cohort)
    moves = []
    for enrolment in cohort.enrolments.open().select_related("person"):
        field = f"place-{enrolment.pk}"
        wanted = choices.get(given.get(field, ""))
        if field in given and (wanted.pk if wanted else None) != present.get(enrolment.pk):
            moves.append((enrolment, wanted))
    return moves


def _present_groups(cohort: Cohort) -> dict[UUID, UUID]:
    current = GroupMembership.objects.filter(enrolment__cohort=cohort, left_at=None)
    return dict(current.values_list("enrolment_id", "group_id"))


def _give_facilitators(
    cohort: Cohort, given: Mapping[str, str], choices: dict[str, LearningGroup], now: datetime
) -> None:
    people = {str(person.pk): person for person in cohort.facilitators.all()}
    for pk, group in choices.items():
        if f"facilitator-{pk}" in given:
            groups.give_facilitator(group, people.get(given[f"facilitator-{pk}"]), now=now)


def _context(cohort: Cohort) -> dict[str, object]:
    present = _present_groups(cohort)
    on_it = cohort.enrolments.open().select_related("person__org_unit")
    people = sorted(on_it, key=lambda enrolment: danish(enrolment.person.display_name))
    sizes = Counter(present.values())
    made = list(cohort.groups.all())
    tables = [{"group": group, "members": [e for e in people if present.get(e.pk) == group.pk]} for group in made]
    return {
        "cohort": cohort,
        "groups": made,
        "tables": tables,
        "without": [enrolment for enrolment in people if enrolment.pk not in present],
        "too_small": [group for group in made if sizes[group.pk] < LearningGroup.SMALLEST],
        "facilitators": list(cohort.facilitators.order_by("display_name")),
    }
