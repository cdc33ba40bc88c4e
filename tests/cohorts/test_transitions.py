"""Every pair of states, against MODEL §3 copied by hand: what it lists happens, anything else is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts import transitions
from courseplatform.cohorts.models import (
    Cohort,
    Enrolment,
    GroupMeeting,
    LearningGroup,
    LessonProgress,
    Workshop,
)
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.cohorts.transitions.starting import activate_accepted
from courseplatform.people.refusals import Refusal
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
AFTERWARDS = datetime(2027, 6, 1, 8, tzinfo=UTC)
LATER = Slot(datetime(2026, 11, 4, 7, 30, tzinfo=UTC), datetime(2026, 11, 4, 13, 30, tzinfo=UTC), "Rådhuset, sal 2")
WHY = "For få tilmeldte"


class EveryDay:
    """A calendar in which all days are working days."""

    def is_working_day(self, day):
        return True


def pairs(states, allowed):
    return [(a, b, (a, b) in allowed) for a in states for b in states if a != b or (a, b) in allowed]


def take(step, row, to, is_allowed):
    """The step leads there, or is refused and leaves the row as it was."""
    before = row.state
    if is_allowed:
        step()
        row.refresh_from_db()
        assert row.state == to
        return
    with pytest.raises(Refusal) as refused:
        step()
    row.refresh_from_db()
    assert row.state == before
    assert str(refused.value.sentence)
    assert str(refused.value.state) == row.get_state_display()


COHORT = {
    ("draft", "planned"),
    ("planned", "enrolling"),
    ("enrolling", "running"),
    ("running", "completed"),
    ("completed", "archived"),
    ("draft", "cancelled"),
    ("planned", "cancelled"),
    ("enrolling", "cancelled"),
    ("running", "cancelled"),
}
COHORT_STEPS = {
    "planned": lambda cohort: transitions.cohort.plan(cohort, now=NOW),
    "enrolling": lambda cohort: transitions.cohort.open_enrolment(cohort, now=NOW),
    "running": lambda cohort: transitions.cohort.start(cohort, now=NOW),
    "completed": lambda cohort: transitions.cohort.complete(cohort, now=NOW),
    "archived": lambda cohort: transitions.cohort.archive(cohort, now=NOW),
    "cancelled": lambda cohort: transitions.cohort.cancel(cohort, reason=WHY, now=NOW),
}


@pytest.mark.parametrize(("before", "to", "is_allowed"), pairs(Cohort.State.values, COHORT))
def test_cohort_takes_only_the_listed_steps(before, to, is_allowed, programme):
    cohort = CohortFactory(state=before, capacity_min=0)
    for planned in programme.workshops:
        starts_at = LATER.starts_at + timedelta(weeks=planned.week)
        WorkshopFactory(
            cohort=cohort, key=planned.key, state="draft", starts_at=starts_at, ends_at=starts_at + timedelta(hours=6)
        )
    step = COHORT_STEPS.get(to)
    if step is None:
        assert not is_allowed
        return
    take(lambda: step(cohort), cohort, to, is_allowed)


ENROLMENT = {
    ("invited", "accepted"),
    ("accepted", "active"),
    ("invited", "declined"),
    ("active", "paused"),
    ("paused", "active"),
    ("active", "completed"),
    ("paused", "completed"),
    ("active", "withdrawn"),
    ("paused", "withdrawn"),
    ("accepted", "withdrawn"),
    ("invited", "left_organisation"),
    ("accepted", "left_organisation"),
    ("active", "left_organisation"),
    ("paused", "left_organisation"),
    ("active", "transferred"),
}


def become_active(enrolment):
    """The system's step for those who said yes, or the person's own end of a pause."""
    if enrolment.state == Enrolment.State.ACCEPTED:
        activate_accepted(enrolment.cohort, since=NOW, now=NOW)
    else:
        transitions.enrolment.resume(enrolment, now=NOW)


def transfer(enrolment):
    other = CohortFactory(name="Et andet hold", state="running")
    transitions.enrolment.transfer(enrolment, other, reason=WHY, by=None, now=NOW)


ENROLMENT_STEPS = {
    "accepted": lambda enrolment: transitions.enrolment.accept(enrolment, now=NOW),
    "active": become_active,
    "declined": lambda enrolment: transitions.enrolment.decline(enrolment, now=NOW),
    "paused": lambda enrolment: transitions.enrolment.pause(enrolment, until=NOW.date() + timedelta(7), now=NOW),
    "completed": lambda enrolment: transitions.enrolment.complete(enrolment, now=NOW),
    "withdrawn": lambda enrolment: transitions.enrolment.withdraw(enrolment, reason=WHY, now=NOW),
    "left_organisation": lambda enrolment: transitions.enrolment.leave_organisation(enrolment, reason=WHY, now=NOW),
    "transferred": transfer,
}


@pytest.mark.parametrize(("before", "to", "is_allowed"), pairs(Enrolment.State.values, ENROLMENT))
def test_enrolment_takes_only_the_listed_steps(before, to, is_allowed):
    enrolment = EnrolmentFactory(state=before, cohort__state="enrolling")
    step = ENROLMENT_STEPS.get(to)
    if step is None:
        assert not is_allowed
        return
    take(lambda: step(enrolment), enrolment, to, is_allowed)


GROUP = {("forming", "active"), ("active", "closed")}
GROUP_STEPS = {"active": transitions.group.activate, "closed": transitions.group.close}


@pytest.mark.parametrize(("before", "to", "is_allowed"), pairs(LearningGroup.State.values, GROUP))
def test_group_takes_only_the_listed_steps(before, to, is_allowed):
    group = GroupFactory(state=before, agreement="Det, der deles her, bliver her.")
    for _ in range(4):
        MembershipFactory(group=group, enrolment__cohort=group.cohort)
    step = GROUP_STEPS.get(to)
    if step is None:
        assert not is_allowed
        return
    take(lambda: step(group, now=NOW), group, to, is_allowed)


WORKSHOP = {("draft", "scheduled"), ("scheduled", "held"), ("scheduled", "scheduled"), ("scheduled", "cancelled")}


def schedule_or_move(kind, event):
    if event.state == "scheduled":
        kind.move(event, LATER, calendar=EveryDay(), now=NOW)
    else:
        kind.schedule(event, LATER, now=NOW)


WORKSHOP_STEPS = {
    "scheduled": lambda workshop: schedule_or_move(transitions.workshop, workshop),
    "held": lambda workshop: transitions.workshop.hold(workshop, now=AFTERWARDS),
    "cancelled": lambda workshop: transitions.workshop.cancel(workshop, reason=WHY, now=NOW),
}


@pytest.mark.parametrize(("before", "to", "is_allowed"), pairs(Workshop.State.values, WORKSHOP))
def test_workshop_takes_only_the_listed_steps(before, to, is_allowed):
    workshop = WorkshopFactory(state=before)
    step = WORKSHOP_STEPS.get(to)
    if step is None:
        assert not is_allowed
        return
    take(lambda: step(workshop), workshop, to, is_allowed)


MEETING = {
    ("proposed", "scheduled"),
    ("scheduled", "scheduled"),
    ("scheduled", "held"),
    ("proposed", "cancelled"),
    ("scheduled", "cancelled"),
}
MEETING_STEPS = {
    "scheduled": lambda meeting: schedule_or_move(transitions.meeting, meeting),
    "held": lambda meeting: transitions.meeting.hold(meeting, now=AFTERWARDS),
    "cancelled": lambda meeting: transitions.meeting.cancel(meeting, reason=WHY, now=NOW),
}


@pytest.mark.parametrize(("before", "to", "is_allowed"), pairs(GroupMeeting.State.values, MEETING))
def test_meeting_takes_only_the_listed_steps(before, to, is_allowed):
    starts_at = datetime(2026, 9, 30, 7, tzinfo=UTC)
    meeting = MeetingFactory(state=before, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    step = MEETING_STEPS.get(to)
    if step is None:
        assert not is_allowed
        return
    take(lambda: step(meeting), meeting, to, is_allowed)


def test_a_lesson_is_read_through_in_progress_and_can_be_opened_again():
    enrolment = EnrolmentFactory()

    progress = transitions.lesson.finish(enrolment, "a1-1", now=NOW)
    assert (progress.state, progress.completed_at) == (LessonProgress.State.DONE, NOW)

    with pytest.raises(Refusal):
        transitions.lesson.finish(enrolment, "a1-1", now=NOW)
    transitions.lesson.reopen(progress, now=NOW)
    assert (progress.state, progress.completed_at) == (LessonProgress.State.IN_PROGRESS, None)
    with pytest.raises(Refusal):
        transitions.lesson.reopen(progress, now=NOW)


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "x" * 301])
def test_a_step_that_needs_a_reason_is_refused_without_a_short_one(reason):
    cohort, enrolment, workshop = CohortFactory(), EnrolmentFactory(), WorkshopFactory()
    for step, row in [
        (transitions.cohort.cancel, cohort),
        (transitions.enrolment.withdraw, enrolment),
        (transitions.enrolment.leave_organisation, enrolment),
        (transitions.workshop.cancel, workshop),
        (transitions.meeting.cancel, MeetingFactory()),
    ]:
        with pytest.raises(Refusal):
            step(row, reason=reason, now=NOW)


def test_the_loser_of_two_simultaneous_answers_is_refused():
    enrolment = EnrolmentFactory(state="invited", cohort__state="enrolling")
    on_the_phone, on_the_desk = Enrolment.objects.get(pk=enrolment.pk), Enrolment.objects.get(pk=enrolment.pk)

    transitions.enrolment.accept(on_the_phone, now=NOW)
    with pytest.raises(Refusal):
        transitions.enrolment.decline(on_the_desk, now=NOW)

    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACCEPTED
