"""The day of a group meeting: found together, moved, or called off; and who comes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.cohorts.setting_up.forms import ReasonForm
from courseplatform.cohorts.transitions import meeting as transitions
from courseplatform.cohorts.transitions.answer import answer_meeting
from courseplatform.journal.groups import finding_a_date, meetings
from courseplatform.journal.groups.forms import TimeForm
from courseplatform.journal.groups.meetings import meetings_of, members_of, monday_of, number_of, planned
from courseplatform.journal.models import DateAnswer, DateProposal
from courseplatform.journal.private_pages import writing_page
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest
from courseplatform.people.written_text import tidy

Answer = DateAnswer.Answer


@writing_page
def meeting_day(request: PersonRequest, pk: UUID) -> HttpResponse:
    """A few times to choose from, everybody's answers, and the press that decides."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    members = members_of(found.group)
    own = next(one for one in members if one.person_id == request.user.pk)
    if request.method != "POST":
        return _page(request, found, members, own)
    act = {"propose": _propose, "answer": _answer, "decide": _decide, "take-away": _take_away}.get(
        request.POST.get("do", "")
    )
    if act is None:
        raise Http404
    return act(request, found, members, own)


def _page(
    request: PersonRequest,
    found: GroupMeeting,
    members: list[Enrolment],
    own: Enrolment,
    *,
    form: TimeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if found.state != GroupMeeting.State.PROPOSED:
        if request.method == "POST":
            messages.warning(request, str(finding_a_date.DECIDED))
        return redirect("group")
    now = clock.now()
    window = finding_a_date.window_of(found, now)
    proposals = list(found.proposals.prefetch_related("answers"))
    context = _facts(found) | {
        "own": own,
        "window": window,
        "rows": [_row(proposal, members, own) for proposal in proposals],
        "form": form or TimeForm(meeting=found, now=now, initial=_usual(found, window, proposals)),
        "is_full": len(proposals) >= finding_a_date.MOST,
        "choices": Answer.choices,
        "is_answered": any(one.enrolment_id == own.pk for proposal in proposals for one in proposal.answers.all()),
    }
    return render(request, "journal/meeting_day.html", context, status=status)


def _facts(found: GroupMeeting) -> dict[str, Any]:
    return {
        "meeting": found,
        "group": found.group,
        "number": number_of(found),
        "theme": planned(found).theme,
        "monday": monday_of(found),
    }


def _usual(found: GroupMeeting, window: finding_a_date.Window, proposals: list[DateProposal]) -> dict[str, Any]:
    """The middle of the week and the usual hours; the place of the last proposal, or of the group's last meeting."""
    day = max(window.first, monday_of(found) + timedelta(days=2))
    met = found.group.meetings.exclude(place="", link="").order_by("-starts_at").first()
    before: DateProposal | GroupMeeting | None = proposals[-1] if proposals else met
    where = {"place": before.place, "link": before.link} if before else {}
    return {"day": min(day, window.last), "starts": "09:00", "ends": "12:00"} | where


def _row(proposal: DateProposal, members: list[Enrolment], own: Enrolment) -> dict[str, Any]:
    """A proposed time with who can, by answer; those who have left do not count."""
    said = {one.enrolment_id: one.answer for one in proposal.answers.all()}
    who = {
        answer: [one.person.display_name for one in members if said.get(one.pk) == answer] for answer in Answer.values
    }
    silent = [one.person.display_name for one in members if one.pk not in said]
    return {"proposal": proposal, "own": said.get(own.pk), "who": who, "silent": silent, "can": len(who[Answer.YES])}


def _propose(request: PersonRequest, found: GroupMeeting, members: list[Enrolment], own: Enrolment) -> HttpResponse:
    form = TimeForm(request.POST, meeting=found, now=clock.now())
    if form.is_valid():
        try:
            finding_a_date.propose(found, form.slot, by=own, now=clock.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal.sentence))
        else:
            return redirect("meeting-day", found.pk)
    return _page(request, found, members, own, form=form, status=422)


def _answer(request: PersonRequest, found: GroupMeeting, members: list[Enrolment], own: Enrolment) -> HttpResponse:
    given = {proposal.pk: request.POST.get(f"answer-{proposal.pk}", "") for proposal in found.proposals.all()}
    try:
        finding_a_date.answer(found, own, given)
    except Refusal:
        return _page(request, found, members, own)
    messages.success(request, _("Thank you. You can change your answers until the day is decided."), extra_tags="good")
    return redirect("meeting-day", found.pk)


def _decide(request: PersonRequest, found: GroupMeeting, _members: list[Enrolment], _own: Enrolment) -> HttpResponse:
    proposal = _proposal(found, request.POST.get("proposal", ""))
    if proposal is None:
        raise Refusal(_("That time has been taken away. Choose another one."), state=found.get_state_display())
    finding_a_date.decide(proposal, now=clock.now())
    messages.success(request, _("The day is found. Everybody in the group can see it."), extra_tags="good")
    return redirect("group")


def _take_away(request: PersonRequest, found: GroupMeeting, _members: list[Enrolment], own: Enrolment) -> HttpResponse:
    if proposal := _proposal(found, request.POST.get("proposal", "")):
        finding_a_date.take_away(proposal, by=own)
    return redirect("meeting-day", found.pk)


def _proposal(found: GroupMeeting, given: str) -> DateProposal | None:
    """None once it has been taken away."""
    try:
        proposal: DateProposal | None = found.proposals.filter(pk=UUID(given)).first()
    except ValueError as no_id:
        raise Http404 from no_id
    if proposal:
        proposal.meeting = found
    return proposal


@writing_page
def meeting_move(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Another time or place; messages and calendars follow."""
    found = _scheduled(request.user, pk)
    now = clock.now()
    form = TimeForm(request.POST or None, meeting=found, now=now, initial=TimeForm.initial_of(found))
    if request.method == "POST" and form.is_valid():
        found.ics_sequence = _seen(request, found)
        transitions.move(found, form.slot, calendar=calendar_of(found.group.cohort), now=now)
        messages.success(request, _("The meeting is moved. Everybody in the group can see it."), extra_tags="good")
        return redirect("group")
    status = 422 if request.method == "POST" else 200
    return render(request, "journal/meeting_move.html", _facts(found) | {"form": form}, status=status)


def _seen(request: PersonRequest, found: GroupMeeting) -> int:
    """The version of the calendar entry the page showed."""
    given = request.POST.get("seen", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else found.ics_sequence


@writing_page
def meeting_cancel(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Call the meeting off, with a reason that the group can read."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not _is_called_off(found, form.cleaned_data["reason"]):
            transitions.cancel(found, reason=form.cleaned_data["reason"], now=clock.now())
        messages.success(request, _("The meeting is cancelled."), extra_tags="good")
        return redirect("group")
    status = 422 if request.method == "POST" else 200
    return render(request, "journal/meeting_cancel.html", _facts(found) | {"form": form}, status=status)


def _is_called_off(found: GroupMeeting, reason: str) -> bool:
    """Whether this very press has come before."""
    return found.state == GroupMeeting.State.CANCELLED and found.state_reason == " ".join(tidy(reason).split())


def _scheduled(person: User, pk: UUID) -> GroupMeeting:
    """A meeting with a day. Raises Refusal for one without, or that is over."""
    found = get_object_or_404(meetings_of(person), pk=pk)
    if found.state != GroupMeeting.State.SCHEDULED:
        sentence = _("Only a meeting that has a day can be moved.")
        raise Refusal(sentence, state=found.get_state_display())
    return found


@login_required
@require_POST
def meeting_answer(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Yes, perhaps or no, until it begins. The last answer stands, here or from a calendar."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    own = Enrolment.objects.of(request.user).get(cohort=found.group.cohort_id)
    found.ics_sequence, now = _seen(request, found), clock.now()
    answer_meeting(found, own, request.POST.get("response", ""), said_at=now, now=now)
    messages.success(
        request,
        _("Thank you. Your group can see it, and you can change it until the meeting begins."),
        extra_tags="good",
    )
    return redirect("group")


@login_required
@require_POST
def invite_facilitator(request: PersonRequest, pk: UUID) -> HttpResponse:
    """The group wants its facilitator there, or rather not. Everybody in it sees who has said so."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    is_wanted = request.POST.get("wanted") == "yes"
    meetings.invite_facilitator(found, is_wanted=is_wanted, by=request.user, now=clock.now())
    return redirect("group")
