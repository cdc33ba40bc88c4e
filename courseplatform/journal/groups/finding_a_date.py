"""How a group finds its day: a few proposed times, everybody's answers, and one press that decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.cohorts.transitions import meeting as transitions
from courseplatform.cohorts.transitions.event import Slot, check
from courseplatform.journal.groups.meetings import monday_of
from courseplatform.journal.models import DateAnswer, DateProposal
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal

MOST = 5  # more to choose from is harder to choose
WEEKS = 2  # the meeting's own and the one after
LATE = timedelta(weeks=4)
Answer = DateAnswer.Answer
DECIDED = _("The group has chosen the day meanwhile. If you cannot come, say so on the group's page.")


@dataclass(frozen=True)
class Window:
    """The days a meeting may be on, both included."""

    first: date
    last: date


def window_of(meeting: GroupMeeting, now: datetime) -> Window:
    """From today or the meeting's Monday to the Sunday of the week after; four weeks from today once that is over."""
    today = to_local(now, meeting.group.cohort.municipality.timezone).date()
    monday = monday_of(meeting)
    last = monday + timedelta(weeks=WEEKS, days=-1)
    return Window(max(today, monday), last) if last >= today else Window(today, today + LATE)


def propose(meeting: GroupMeeting, slot: Slot, *, by: Enrolment, now: datetime) -> DateProposal:
    """One time more to choose from; who proposes it can. Proposed twice, it stands once.

    Raises Refusal for a meeting that has its day, a time outside its weeks, and a sixth proposal.
    """
    _must_be_undecided(meeting)
    check(slot, meeting, now=now)
    _check_window(meeting, slot, now)
    if existing := meeting.proposals.filter(starts_at=slot.starts_at).first():
        return existing
    if meeting.proposals.count() >= MOST:
        raise Refusal(_("There are five times to choose from already. Take one away first."))
    proposal = _write(meeting, slot, by)
    answer(meeting, by, {proposal.pk: Answer.YES})
    return proposal


def _must_be_undecided(meeting: GroupMeeting) -> None:
    if meeting.state != GroupMeeting.State.PROPOSED:
        raise Refusal(DECIDED, state=meeting.get_state_display())


def _check_window(meeting: GroupMeeting, slot: Slot, now: datetime) -> None:
    window, tzid = window_of(meeting, now), meeting.group.cohort.municipality.timezone
    if not window.first <= to_local(slot.starts_at, tzid).date() <= window.last:
        raise Refusal(_("Choose a day in the meeting's week or the week after."))


def _write(meeting: GroupMeeting, slot: Slot, by: Enrolment) -> DateProposal:
    try:
        with transaction.atomic():
            return DateProposal.objects.create(meeting=meeting, created_by=by.person, **slot.fields)
    except IntegrityError:
        return DateProposal.objects.get(meeting=meeting, starts_at=slot.starts_at)


@transaction.atomic
def answer(meeting: GroupMeeting, enrolment: Enrolment, answers: Mapping[UUID, str]) -> None:
    """Keep a member's answers; the last one stands, and a word that is none is left out.

    Raises Refusal when the day has been decided meanwhile.
    """
    _must_be_undecided(meeting)
    known = set(meeting.proposals.values_list("pk", flat=True))
    for proposal, said in answers.items():
        if proposal in known and said in Answer.values:
            given = {"answer": said, "created_by": enrolment.person}
            DateAnswer.objects.update_or_create(proposal_id=proposal, enrolment=enrolment, defaults=given)


def times_to_answer(person: User, **meeting: OuterRef) -> Coalesce:
    """How many proposed times of an undecided meeting wait for a member, beside each row of another query."""
    times = DateProposal.objects.filter(meeting__state=GroupMeeting.State.PROPOSED, **meeting)
    unanswered = times.exclude(answers__enrolment__person=person).order_by().annotate(all=Value(1)).values("all")
    return Coalesce(Subquery(unanswered.annotate(number=Count("pk")).values("number")), 0)


def decide(proposal: DateProposal, *, now: datetime) -> None:
    """That is the day. A second press changes nothing. Raises Refusal when another day has been chosen."""
    meeting = proposal.meeting
    slot = Slot(proposal.starts_at, proposal.ends_at, proposal.place, proposal.link)
    if meeting.state == GroupMeeting.State.SCHEDULED and slot.is_that_of(meeting):
        return
    transitions.schedule(meeting, slot, now=now)


def take_away(proposal: DateProposal, *, by: Enrolment) -> None:
    """Withdraw one's own proposal, while the day is not decided."""
    _must_be_undecided(proposal.meeting)
    if proposal.created_by_id != by.person_id:
        raise Refusal(_("Only the one who proposed a time can take it away."))
    proposal.delete()
