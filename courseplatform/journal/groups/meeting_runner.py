"""A meeting on its way through the agenda. Each tap is compare-and-set, so two phones and double taps do no harm."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Attendance, Enrolment, GroupMeeting
from courseplatform.cohorts.transitions import meeting as transitions
from courseplatform.journal.groups.agenda import FEWEST_TURNS, Step, most_turns
from courseplatform.journal.groups.meetings import whole_of
from courseplatform.journal.models import MeetingRun, MeetingTurn
from courseplatform.people.refusals import Refusal

FEWEST_PRESENT = 3  # MODEL §8: whoever is away never blocks a meeting
EARLY = timedelta(minutes=30)
MORE = 5  # minutes
LATEST = timedelta(hours=12)  # for a phone without a connection; later nobody at the table hears what is added
State = GroupMeeting.State


class StaleTapError(Exception):
    """Somebody has tapped on another phone, or this tap came twice: the meeting stands elsewhere by now."""


def may_begin(meeting: GroupMeeting, now: datetime) -> bool:
    """From half an hour before its time."""
    is_planned = meeting.state == State.SCHEDULED and meeting.starts_at is not None
    return is_planned and meeting.starts_at is not None and now >= meeting.starts_at - EARLY


def is_moved(run: MeetingRun) -> bool:
    """Whether the meeting got another time after it was begun."""
    return run.begun_for != run.meeting.starts_at


def begin(
    meeting: GroupMeeting,
    present: Sequence[Enrolment],
    presenters: Sequence[Enrolment],
    keeper: Enrolment | None,
    *,
    now: datetime,
) -> MeetingRun:
    """The first step. Begun on two phones, the first one counts. Raises Refusal with what is missing."""
    if not may_begin(meeting, now):
        raise Refusal(_("The meeting cannot begin yet."), state=meeting.get_state_display())
    if existing := MeetingRun.objects.filter(meeting=meeting).first():
        return existing
    if obstacle := _obstacle(meeting, present, presenters):
        raise Refusal(obstacle)
    try:
        return _write(meeting, present, presenters, keeper, now)
    except IntegrityError:
        return MeetingRun.objects.get(meeting=meeting)


def _obstacle(meeting: GroupMeeting, present: Sequence[Enrolment], presenters: Sequence[Enrolment]) -> object | None:
    if len(present) < FEWEST_PRESENT:
        return _("A meeting takes at least three. Find another day if you are fewer.")
    if not set(presenters) <= set(present):
        return _("Whoever presents has to be here.")
    if len(set(presenters)) != len(presenters):
        return _("Each of you can present once.")
    if not FEWEST_TURNS <= len(presenters) <= most_turns(whole_of(meeting)):
        return _("Choose at least two who present.")
    return None


@transaction.atomic
def _write(
    meeting: GroupMeeting,
    present: Sequence[Enrolment],
    presenters: Sequence[Enrolment],
    keeper: Enrolment | None,
    now: datetime,
) -> MeetingRun:
    run = MeetingRun.objects.create(
        meeting=meeting,
        begun_at=now,
        begun_for=meeting.starts_at or now,
        process_keeper=keeper,
        step_began_at=now,
    )
    run.present.set(present)
    turns = [MeetingTurn(run=run, number=number, presenter=one) for number, one in enumerate(presenters, 1)]
    MeetingTurn.objects.bulk_create(turns)
    return run


# --- Taps: each names the edition that was seen, and how long ago it was tapped if there was no connection ------------
def go_to(run: MeetingRun, step: int, *, edition: int, at: datetime) -> None:
    """Another step, from its beginning. Raises StaleTapError, as all of these."""
    _tap(run, edition, step=step, step_began_at=at, extra_minutes=0, paused_at=None, paused_for=timedelta())


def pause(run: MeetingRun, *, edition: int, at: datetime) -> None:
    """Stop the clock."""
    if run.paused_at is None:
        _tap(run, edition, paused_at=at)


def resume(run: MeetingRun, *, edition: int, at: datetime) -> None:
    """Let the clock go on where it stood."""
    if run.paused_at is not None:
        _tap(run, edition, paused_at=None, paused_for=run.paused_for + max(timedelta(), at - run.paused_at))


def give_more(run: MeetingRun, *, edition: int) -> None:
    """Five minutes more for this step."""
    _tap(run, edition, extra_minutes=F("extra_minutes") + MORE)


def choose_keeper(run: MeetingRun, keeper: Enrolment, *, edition: int) -> None:
    """Somebody else minds the process."""
    _tap(run, edition, process_keeper=keeper)


@transaction.atomic
def choose_presenter(run: MeetingRun, number: int, presenter: Enrolment, *, edition: int) -> None:
    """Somebody else presents in that turn."""
    _tap(run, edition)
    run.turns.filter(number=number).update(presenter=presenter)


def go_on_at_new_time(run: MeetingRun, *, edition: int, now: datetime) -> None:
    """After the meeting was moved: from the step where it stopped, with that step's whole time."""
    if not may_begin(run.meeting, now):
        raise Refusal(_("The meeting cannot begin yet."), state=run.meeting.get_state_display())
    fresh = {"step_began_at": now, "extra_minutes": 0, "paused_at": None, "paused_for": timedelta()}
    _tap(run, edition, begun_for=run.meeting.starts_at, **fresh)


@transaction.atomic
def end(run: MeetingRun, present: Sequence[Enrolment], *, now: datetime) -> None:
    """The last step. A second press changes nothing."""
    goes_on = MeetingRun.objects.filter(pk=run.pk, ended_at=None)
    if goes_on.update(ended_at=now, updated_at=now, edition=F("edition") + 1):
        hold(run.meeting, present, now=now)
    run.refresh_from_db()


@transaction.atomic
def hold(meeting: GroupMeeting, present: Sequence[Enrolment], *, now: datetime) -> None:
    """scheduled → held, with those who say they were there; also where no phone lay on the table (MODEL I19)."""
    transitions.hold(meeting, now=now)
    was_there = {"outcome": Attendance.Outcome.ATTENDED}
    for enrolment in present:
        Attendance.objects.update_or_create(enrolment=enrolment, meeting=meeting, defaults=was_there)


def takes_lines(run: MeetingRun, now: datetime) -> bool:
    """Whether a promise or a note can be added: while the meeting is on, and the rest of the day."""
    ended = run.ended_at or run.meeting.ends_at
    return ended is None or now < ended + LATEST


def _tap(run: MeetingRun, edition: int, **fields: object) -> None:
    _must_be_on(run)
    if is_moved(run) and "begun_for" not in fields:
        raise StaleTapError
    seen = MeetingRun.objects.filter(pk=run.pk, edition=edition, ended_at=None)
    if not seen.update(edition=F("edition") + 1, **fields):
        raise StaleTapError
    run.refresh_from_db()


def _must_be_on(run: MeetingRun) -> None:
    if run.meeting.state != State.SCHEDULED:
        raise Refusal(_("The meeting is over or already cancelled."), state=run.meeting.get_state_display())


def ends_at(run: MeetingRun, step: Step, now: datetime) -> datetime:
    """When the present step's time is up; while it is paused, it moves with the clock."""
    stood_still = run.paused_for + (now - run.paused_at if run.paused_at else timedelta())
    return run.step_began_at + timedelta(minutes=step.minutes + run.extra_minutes) + stood_still
