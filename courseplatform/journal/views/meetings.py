"""A group meeting: begun, run from one phone on the table, and afterwards what was said there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.journal.groups import meeting_runner, meeting_texts
from courseplatform.journal.groups.agenda import FEWEST_TURNS, most_turns, steps_of, stretches_of
from courseplatform.journal.groups.forms import BeginForm
from courseplatform.journal.groups.group_page import who_comes
from courseplatform.journal.groups.meetings import (
    is_facilitator_invited,
    meetings_of,
    meetings_open_to,
    members_of,
    number_of,
    planned,
    whole_of,
)
from courseplatform.journal.groups.runner_page import (
    Table,
    brought_back,
    commitments_of,
    notes_of,
    promise_field,
    question_of,
    read,
)
from courseplatform.journal.groups.suggesting import suggest
from courseplatform.journal.models import Commitment, MeetingNote, MeetingRun, Reflection
from courseplatform.journal.private_pages import keeps_text, reading_page
from courseplatform.journal.reflections.readers import sentences
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from courseplatform.people.requests import PersonRequest

State = GroupMeeting.State
GROUP, GROUP_AND_FACILITATOR = Reflection.Visibility.GROUP, Reflection.Visibility.FACILITATOR


@reading_page
def meeting(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Where the meeting stands: about to begin, on, moved, or over.

    A phone that has kept something of it asks first whether who is signed in now is in its group.
    """
    if "member" in request.GET:
        return HttpResponse(status=204 if meetings_of(request.user).filter(pk=pk).exists() else 404)
    found = get_object_or_404(meetings_open_to(request.user), pk=pk)
    run = _run(found)
    if run and request.GET.get("known") == str(run.edition):
        return HttpResponse(status=204)  # nothing new on another phone
    return _page(request, found, run)


def _run(found: GroupMeeting) -> MeetingRun | None:
    run = MeetingRun.objects.filter(meeting=found).select_related("process_keeper").first()
    if run:
        run.meeting = found
    return run


def _page(
    request: PersonRequest, found: GroupMeeting, run: MeetingRun | None, *, status: int = 200, **context: Any
) -> HttpResponse:
    members = members_of(found.group)
    own = next((one for one in members if one.person_id == request.user.pk), None)
    page = _facts(found) | {"members": members, "own": own, "run": run} | context
    if own is None or found.state in (State.HELD, State.CANCELLED) or (run and run.ended_at):
        return render(request, "journal/meeting_record.html", page | _record(request.user, found, run), status=status)
    if run is None:
        return _before(request, found, members, page, status)
    if meeting_runner.is_moved(run):
        page["may_go_on"] = meeting_runner.may_begin(found, clock.now())
        return render(request, "journal/meeting_moved.html", page, status=status)
    return render(request, "journal/meeting_run.html", page | _at_the_table(request.user, run, members), status=status)


def _facts(found: GroupMeeting) -> dict[str, Any]:
    return {"meeting": found, "group": found.group, "number": number_of(found), "theme": planned(found).theme}


# --- Before ---------------------------------------------------------------------------------------------------------
def _before(
    request: PersonRequest, found: GroupMeeting, members: list[Enrolment], page: dict[str, Any], status: int
) -> HttpResponse:
    if found.state == State.PROPOSED:
        return redirect("meeting-day", found.pk)
    whole, language = whole_of(found), get_language() or "da"
    now = clock.now()
    may_begin = meeting_runner.may_begin(found, now)
    page |= {"stretches": stretches_of(whole, most_turns(whole), language), "may_begin": may_begin}
    page["who"] = who_comes(found, request.user, now)
    page["is_past"] = found.ends_at is not None and found.ends_at <= now
    if may_begin and "form" not in page:
        page["form"] = _begin_form(found, members)
    return render(request, "journal/meeting_begin.html", page, status=status)


def _begin_form(found: GroupMeeting, members: list[Enrolment], data: Any = None) -> BeginForm:
    turns = most_turns(whole_of(found))
    suggestion = suggest(members, turns)
    initial: dict[str, Any] = {"present": [str(one.pk) for one in members]}
    initial |= {f"turn-{number}": str(one.pk) for number, one in enumerate(suggestion.presenters, 1)}
    if suggestion.keeper:
        initial["keeper"] = str(suggestion.keeper.pk)
    return BeginForm(members, turns, FEWEST_TURNS, data, initial=initial)


@keeps_text
@login_required
@require_POST
def begin(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Who is here, who presents, and off."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    form = _begin_form(found, members_of(found.group), request.POST)
    if form.is_valid():
        present, keeper = form.cleaned_data["present"], form.cleaned_data["keeper"]
        try:
            meeting_runner.begin(found, present, form.presenters, keeper, now=clock.now())
        except Refusal as refusal:
            form.add_error(None, str(refusal.sentence))
        else:
            return redirect("meeting", found.pk)
    return _page(request, found, _run(found), form=form, status=422)


@login_required
@require_POST
def hold(request: PersonRequest, pk: UUID) -> HttpResponse:
    """It was held without a phone on the table; who was there is said by one of them."""
    found = get_object_or_404(meetings_of(request.user), pk=pk)
    if found.state != State.HELD:
        given = set(request.POST.getlist("present"))
        there = [one for one in members_of(found.group) if str(one.pk) in given]
        meeting_runner.hold(found, there, now=clock.now())
    return redirect("meeting", found.pk)


# --- On -------------------------------------------------------------------------------------------------------------
def _at_the_table(person: User, run: MeetingRun, members: list[Enrolment]) -> dict[str, Any]:
    now = clock.now()
    table = Table(run, members, now, get_language() or "da")
    is_round = table.step.kind == "round"
    return {
        "table": table,
        "now": now,
        "question": question_of(table.presenter, person, now) if table.presenter else "",
        "told": read(brought_back(run, person), person, now) if is_round else [],
        "outcomes": Commitment.Outcome.choices[1:],
        "commitments": read(commitments_of(run.meeting, person), person, now),
        "notes": read(notes_of(run.meeting, person), person, now),
        "present": list(run.present.all()) if table.next_step is None else [],
        "readers": sentences()[GROUP_AND_FACILITATOR if is_facilitator_invited(run.meeting) else GROUP],
        "fresh_id": uuid4(),
        "more": meeting_runner.MORE,
    }


@dataclass(frozen=True)
class Tap:
    """One press at the table: what was seen, and when it was done, also where there was no connection just then."""

    request: PersonRequest
    run: MeetingRun
    own: Enrolment
    members: list[Enrolment]
    now: datetime

    def number(self, name: str) -> int:
        """A posted whole number; 0 where there is none."""
        given = self.request.POST.get(name, "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0

    @property
    def edition(self) -> int:
        return self.number("edition")

    @property
    def at(self) -> datetime:
        """When it was pressed: never before the step it belongs to began."""
        return max(self.run.step_began_at, self.now - timedelta(seconds=self.number("ago")))

    def chosen(self, name: str) -> Enrolment:
        """A member. Raises Refusal when they are not in the group any more."""
        given = self.request.POST.get(name, "")
        found = next((one for one in self.members if str(one.pk) == given), None)
        if found is None:
            raise Refusal(_("Choose somebody who is in the group."))
        return found

    @property
    def fresh_id(self) -> UUID:
        """What the page called the new text."""
        try:
            return UUID(self.request.POST.get("entry", ""))
        except ValueError:
            return uuid4()


@keeps_text
@login_required
@require_POST
def tap(request: PersonRequest, pk: UUID) -> HttpResponse:
    """One press during the meeting. What cannot be done is said above the present step, with the text as typed.

    A line that was typed while the meeting ended is kept all the same for twelve hours, and who has left the group
    gets theirs back. What waited on a phone for a connection is refused when somebody else is signed in there by then.
    """
    if request.POST.get("writer", str(request.user.pk)) != str(request.user.pk):
        return HttpResponse(status=403)
    act, typed = TAPS.get(request.POST.get("do", "")), request.POST.get("text", "")
    if act is None:
        raise Http404
    found = meetings_of(request.user).filter(pk=pk).first()
    if found is None:
        return render(request, "journal/meeting_gone.html", {"words": typed}, status=404)
    run, members = _run(found), members_of(found.group)
    is_on = found.state == State.SCHEDULED or act in KEEPING
    if run is None or not is_on:
        return redirect("meeting", found.pk)
    own = next(one for one in members if one.person_id == request.user.pk)
    try:
        act(Tap(request, run, own, members, clock.now()))
    except meeting_runner.StaleTapError:
        messages.info(request, _("The meeting has already moved on. This is where it is."))
    except Refusal as refusal:
        run.refresh_from_db()
        typed_in = _field(act, request.POST.get("of", ""), members)
        return _page(request, found, run, problem=refusal.sentence, typed=typed, typed_in=typed_in, status=422)
    return redirect("meeting", found.pk)


def _field(act: Callable[[Tap], None], of: str, members: list[Enrolment]) -> str:
    """Which field of the meeting's page the words were typed in; empty where there is none for them any more."""
    if act is not _commit:
        return "note" if act is _note else ""
    return next((promise_field(one) for one in members if str(one.pk) == of), "")


def _go_on(tap: Tap) -> None:
    turns = tap.run.turns.count()
    last = len(steps_of(whole_of(tap.run.meeting), turns, "da")) - 1
    meeting_runner.go_to(tap.run, min(tap.run.step + 1, last), edition=tap.edition, at=tap.at)


def _go_back(tap: Tap) -> None:
    meeting_runner.go_to(tap.run, max(0, tap.run.step - 1), edition=tap.edition, at=tap.at)


def _commit(tap: Tap) -> None:
    _keep(tap, Commitment, tap.chosen("of"))


def _note(tap: Tap) -> None:
    of = tap.chosen("of") if "of" in tap.request.POST else tap.own  # another of the group may send what waited
    _keep(tap, MeetingNote, of)


def _keep(tap: Tap, kind: type[Commitment] | type[MeetingNote], of: Enrolment) -> None:
    if not meeting_runner.takes_lines(tap.run, tap.now):
        raise Refusal(_("This meeting ended more than twelve hours ago, so nothing more is added to it."))
    text, meeting = tap.request.POST.get("text", ""), tap.run.meeting
    meeting_texts.keep(kind, tap.fresh_id, text, of=of, meeting=meeting, by=tap.request.user, now=tap.now)


def _tell(tap: Tap) -> None:
    told = brought_back(tap.run, tap.request.user)
    given = tap.request.POST.get("commitment", "")
    commitment = next((one for one in told if str(one.pk) == given), None)
    if commitment is None:
        raise Refusal(_("That commitment is not here any more."))
    meeting_texts.tell(commitment, tap.request.POST.get("outcome", ""), now=tap.now)


def _end(tap: Tap) -> None:
    given = set(tap.request.POST.getlist("present"))
    meeting_runner.end(tap.run, [one for one in tap.members if str(one.pk) in given], now=tap.now)


TAPS: dict[str, Callable[[Tap], None]] = {
    "next": _go_on,
    "back": _go_back,
    "pause": lambda tap: meeting_runner.pause(tap.run, edition=tap.edition, at=tap.at),
    "resume": lambda tap: meeting_runner.resume(tap.run, edition=tap.edition, at=tap.at),
    "more": lambda tap: meeting_runner.give_more(tap.run, edition=tap.edition),
    "keeper": lambda tap: meeting_runner.choose_keeper(tap.run, tap.chosen("of"), edition=tap.edition),
    "presenter": lambda tap: meeting_runner.choose_presenter(
        tap.run, tap.number("turn"), tap.chosen("of"), edition=tap.edition
    ),
    "new-time": lambda tap: meeting_runner.go_on_at_new_time(tap.run, edition=tap.edition, now=tap.now),
    "commit": _commit,
    "note": _note,
    "tell": _tell,
    "end": _end,
}
KEEPING = (_commit, _note)


# --- Afterwards -----------------------------------------------------------------------------------------------------
def _record(person: User, found: GroupMeeting, run: MeetingRun | None) -> dict[str, Any]:
    now = clock.now()
    came = found.attendances.filter(outcome="attended").select_related("enrolment__person")
    return {
        "came": sorted(one.enrolment.person.display_name for one in came),
        "commitments": read(commitments_of(found, person), person, now),
        "notes": read(notes_of(found, person), person, now),
    }
