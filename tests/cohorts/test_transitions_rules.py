"""What a step needs, and what it brings with it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from courseplatform.cohorts import transitions
from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.people.refusals import Refusal
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
FIRST_MORNING = datetime(2026, 8, 31, 4, tzinfo=UTC)  # 06:00 in Copenhagen
SECOND = timedelta(seconds=1)


def enrolling(accepted, least=2):
    cohort = CohortFactory(state="enrolling", capacity_min=least, starts_on=date(2026, 8, 31))
    for _ in range(accepted):
        EnrolmentFactory(cohort=cohort, state="accepted", activated_at=None)
    return cohort


def test_a_cohort_starts_by_itself_at_six_in_the_morning_and_everybody_who_said_yes_with_it():
    cohort = enrolling(accepted=2)
    invited = EnrolmentFactory(cohort=cohort, state="invited", activated_at=None)

    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING - SECOND)
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.ENROLLING

    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING)
    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING + SECOND)
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.RUNNING
    active = cohort.enrolments.filter(state="active")
    assert set(active.values_list("activated_at", flat=True)) == {FIRST_MORNING}
    assert active.count() == 2
    invited.refresh_from_db()
    assert invited.state == Enrolment.State.INVITED


def test_who_said_yes_in_time_is_there_from_the_start_however_late_the_first_tick_is():
    cohort = enrolling(accepted=2)

    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING + timedelta(days=3))

    assert set(cohort.enrolments.values_list("state", "activated_at")) == {("active", FIRST_MORNING)}


def test_a_yes_after_the_first_morning_is_a_late_one_though_no_tick_has_come_by_since():
    cohort = enrolling(accepted=2)
    newcomer = EnrolmentFactory(cohort=cohort, state="invited", activated_at=None)

    transitions.enrolment.accept(newcomer, now=FIRST_MORNING + timedelta(days=3))

    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.RUNNING
    since = dict(cohort.enrolments.values_list("pk", "activated_at"))
    assert since.pop(newcomer.pk) == FIRST_MORNING + timedelta(days=3)
    assert set(since.values()) == {FIRST_MORNING}


def test_too_few_yeses_alert_hr_once_and_a_later_yes_starts_the_cohort():
    cohort = enrolling(accepted=1)

    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING)
    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING + timedelta(hours=1))
    cohort.refresh_from_db()
    assert (cohort.state, cohort.start_alert_at) == (Cohort.State.ENROLLING, FIRST_MORNING)

    EnrolmentFactory(cohort=cohort, state="accepted")
    transitions.cohort.start_if_due(Cohort.objects.get(), FIRST_MORNING + timedelta(days=1))
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.RUNNING
    since = cohort.enrolments.values_list("activated_at", flat=True)
    assert set(since) == {FIRST_MORNING + timedelta(days=1)}, "it ran on no day before that"


def test_starting_by_hand_too_early_or_with_too_few_is_refused():
    for cohort, now in [(enrolling(accepted=2), FIRST_MORNING - SECOND), (enrolling(accepted=1), FIRST_MORNING)]:
        with pytest.raises(Refusal):
            transitions.cohort.start(cohort, now=now)
        cohort.refresh_from_db()
        assert cohort.state == Cohort.State.ENROLLING


def test_planning_names_the_workshops_that_lack_a_date_or_a_place(programme):
    cohort = CohortFactory(state="draft")
    WorkshopFactory(cohort=cohort, key="w1", state="draft")
    WorkshopFactory(cohort=cohort, key="w2", state="draft", place="")
    WorkshopFactory(cohort=cohort, key="w3", state="draft", starts_at=None, ends_at=None)

    with pytest.raises(Refusal) as refused:
        transitions.cohort.plan(cohort, now=NOW)

    assert "w2, w3, w4, w5" in str(refused.value.sentence)
    assert set(cohort.workshops.values_list("state", flat=True)) == {Workshop.State.DRAFT}


def test_cancelling_a_cohort_cancels_what_lies_ahead_and_leaves_what_was():
    cohort = CohortFactory()
    past = WorkshopFactory(
        cohort=cohort, key="w1", state="held", starts_at=NOW - timedelta(7), ends_at=NOW - timedelta(6.8)
    )
    coming, meeting = WorkshopFactory(cohort=cohort, ics_sequence=3), MeetingFactory(group__cohort=cohort)

    transitions.cohort.cancel(cohort, reason="Budgettet er væk", now=NOW)

    for event in (past, coming, meeting):
        event.refresh_from_db()
    assert past.state == "held"
    assert (coming.state, coming.state_reason, coming.ics_sequence) == ("cancelled", "Budgettet er væk", 4)
    assert meeting.state == "cancelled"


def test_completing_a_cohort_completes_those_who_are_still_on_it():
    cohort = CohortFactory()
    states = {state: EnrolmentFactory(cohort=cohort, state=state) for state in ("active", "paused", "withdrawn")}

    transitions.cohort.complete(cohort, now=NOW)

    for enrolment in states.values():
        enrolment.refresh_from_db()
    assert {was: enrolment.state for was, enrolment in states.items()} == {
        "active": "completed",
        "paused": "completed",
        "withdrawn": "withdrawn",
    }


def test_a_yes_makes_somebody_active_at_once_when_the_cohort_runs():
    enrolment = EnrolmentFactory(state="invited", activated_at=None)

    transitions.enrolment.accept(enrolment, now=NOW)

    assert (enrolment.state, enrolment.activated_at) == (Enrolment.State.ACTIVE, NOW)


@pytest.mark.parametrize("state", ["draft", "planned", "completed", "archived", "cancelled"])
def test_nobody_can_say_yes_to_a_cohort_that_is_not_open(state):
    enrolment = EnrolmentFactory(state="invited", cohort__state=state)

    with pytest.raises(Refusal):
        transitions.enrolment.accept(enrolment, now=NOW)


def test_the_last_place_is_given_once():
    cohort = CohortFactory(state="enrolling", capacity_min=1, capacity_max=1)
    first, second = (EnrolmentFactory(cohort=cohort, state="invited") for _ in range(2))

    transitions.enrolment.accept(first, now=NOW)
    with pytest.raises(Refusal):
        transitions.enrolment.accept(second, now=NOW)


def test_nobody_is_invited_twice_but_may_be_invited_again_after_saying_no():
    cohort, person = CohortFactory(state="enrolling"), UserFactory()
    first = transitions.enrolment.invite(cohort, person, by=None, now=NOW)

    with pytest.raises(Refusal):
        transitions.enrolment.invite(cohort, person, by=None, now=NOW)
    transitions.enrolment.decline(first, now=NOW)
    assert transitions.enrolment.invite(cohort, person, by=None, now=NOW).state == Enrolment.State.INVITED


def test_a_facilitator_a_stranger_and_somebody_who_left_cannot_be_invited():
    cohort = CohortFactory(state="enrolling")
    facilitator, gone = UserFactory(), UserFactory(is_active=False)
    stranger = UserFactory(municipality__name="Bjergby Kommune")
    cohort.facilitators.add(facilitator)

    for person in (facilitator, gone, stranger):
        with pytest.raises(Refusal):
            transitions.enrolment.invite(cohort, person, by=None, now=NOW)


def test_a_pause_lasts_eight_weeks_at_most_and_ends_by_itself():
    enrolment = EnrolmentFactory()
    for until in (NOW.date() - timedelta(1), NOW.date() + timedelta(weeks=8)):
        with pytest.raises(Refusal):
            transitions.enrolment.pause(enrolment, until=until, now=NOW)

    transitions.enrolment.pause(enrolment, until=date(2026, 9, 14), now=NOW)
    transitions.enrolment.resume_due(Cohort.objects.get(), datetime(2026, 9, 14, 21, 59, tzinfo=UTC))
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.PAUSED

    transitions.enrolment.resume_due(
        Cohort.objects.get(), datetime(2026, 9, 14, 22, tzinfo=UTC)
    )  # midnight in Copenhagen
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE


def test_a_transfer_counts_as_a_yes_on_the_other_cohort_and_leaves_the_group():
    membership = MembershipFactory()
    other = CohortFactory(name="Foråret 2027", state="enrolling")

    new = transitions.enrolment.transfer(membership.enrolment, other, reason="Barsel", by=None, now=NOW)

    membership.refresh_from_db()
    assert (new.cohort, new.person, new.state) == (other, membership.enrolment.person, Enrolment.State.ACCEPTED)
    assert membership.enrolment.state == Enrolment.State.TRANSFERRED
    assert membership.left_at == NOW


def test_a_transfer_to_a_full_cohort_changes_nothing():
    enrolment = EnrolmentFactory()
    full = CohortFactory(name="Fuldt", capacity_min=0, capacity_max=0)

    with pytest.raises(Refusal):
        transitions.enrolment.transfer(enrolment, full, reason="Barsel", by=None, now=NOW)

    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE
    assert not full.enrolments.exists()


def slot(*starts, hours=6, place="Rådhuset, sal 2"):
    starts_at = datetime(*starts, tzinfo=UTC)
    return Slot(starts_at, starts_at + timedelta(hours=hours), place)


@pytest.mark.parametrize(
    ("to", "generation"),
    [
        (slot(2026, 10, 30, 7, 30), 0),  # Wednesday to Friday: two working days
        (slot(2026, 11, 1, 7, 30), 0),  # to the Sunday: still two
        (slot(2026, 11, 2, 7, 30), 1),  # to Monday: three
        (slot(2026, 10, 23, 7, 30), 1),  # three back
        (slot(2026, 10, 28, 9, 0), 0),  # the same day, later
    ],
)
def test_a_move_of_three_working_days_begins_a_new_generation_of_messages(to, generation):
    workshop = WorkshopFactory(ics_sequence=4)

    transitions.workshop.move(workshop, to, calendar=from_policy(CalendarPolicyFactory()), now=NOW)

    assert (workshop.ics_sequence, workshop.move_generation) == (5, generation)
    assert workshop.starts_at == to.starts_at


def test_a_small_move_across_a_sent_reminder_begins_a_new_generation_too():
    workshop, calendar = WorkshopFactory(), from_policy(CalendarPolicyFactory())

    transitions.workshop.move(
        workshop, slot(2026, 10, 29, 7, 30), calendar=calendar, now=NOW, crosses_sent_reminder=True
    )

    assert workshop.move_generation == 1


def test_a_new_time_asks_everybody_again_and_a_new_place_does_not():
    workshop, calendar = WorkshopFactory(), from_policy(CalendarPolicyFactory())
    attendance = Attendance.objects.create(
        enrolment=EnrolmentFactory(cohort=workshop.cohort), workshop=workshop, response="accepted", responded_at=NOW
    )

    transitions.workshop.move(workshop, slot(2026, 10, 28, 7, 30, place="Biblioteket"), calendar=calendar, now=NOW)
    attendance.refresh_from_db()
    assert attendance.response == Attendance.Response.ACCEPTED

    transitions.workshop.move(workshop, slot(2026, 10, 29, 7, 30), calendar=calendar, now=NOW)
    attendance.refresh_from_db()
    assert (attendance.response, attendance.responded_at) == (Attendance.Response.NONE, None)


@pytest.mark.parametrize(
    "to",
    [
        slot(2026, 8, 31, 7, 30),  # into the past
        slot(2026, 10, 29, 7, 30, hours=13),
        slot(2026, 10, 29, 7, 30, hours=0),
        slot(2026, 10, 29, 7, 30, place=" "),
    ],
)
def test_a_workshop_cannot_move_to_an_impossible_time_or_nowhere(to):
    workshop = WorkshopFactory()

    with pytest.raises(Refusal):
        transitions.workshop.move(workshop, to, calendar=from_policy(CalendarPolicyFactory()), now=NOW)

    workshop.refresh_from_db()
    assert (workshop.starts_at, workshop.ics_sequence) == (datetime(2026, 10, 28, 7, 30, tzinfo=UTC), 0)


def test_a_double_click_moves_once_and_a_stale_page_is_refused():
    workshop, calendar = WorkshopFactory(), from_policy(CalendarPolicyFactory())
    stale = Workshop.objects.get(pk=workshop.pk)

    for _ in range(2):
        transitions.workshop.move(workshop, slot(2026, 10, 29, 7, 30), calendar=calendar, now=NOW)
    assert workshop.ics_sequence == 1

    with pytest.raises(Refusal):
        transitions.workshop.move(stale, slot(2026, 10, 30, 7, 30), calendar=calendar, now=NOW)


def test_a_workshop_is_held_only_after_it_has_ended():
    workshop = WorkshopFactory()

    with pytest.raises(Refusal):
        transitions.workshop.hold(workshop, now=workshop.ends_at - SECOND)
    transitions.workshop.hold(workshop, now=workshop.ends_at)

    assert workshop.state == Workshop.State.HELD
