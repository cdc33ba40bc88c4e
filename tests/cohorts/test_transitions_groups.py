"""Who meets whom: what learning groups ask for (MODEL I3, I4)."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts import transitions
from courseplatform.cohorts.models import GroupMembership
from courseplatform.people.refusals import Refusal
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MembershipFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
FIRST_MORNING = datetime(2026, 8, 31, 4, tzinfo=UTC)  # 06:00 in Copenhagen
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("members", "agreement"), [(3, "Vores aftale"), (9, "Vores aftale"), (6, " ")])
def test_a_group_becomes_active_with_four_to_eight_members_and_an_agreement_only(members, agreement):
    group = GroupFactory(state="forming", agreement=agreement)
    for _ in range(members):
        MembershipFactory(group=group, enrolment__cohort=group.cohort)

    with pytest.raises(Refusal):
        transitions.group.activate(group, now=NOW)


def test_a_line_manager_and_their_report_never_share_a_group_whoever_comes_first():
    cohort = CohortFactory()
    manager = EnrolmentFactory(cohort=cohort)
    report = EnrolmentFactory(cohort=cohort, person__line_manager=manager.person)

    for first, second in [(manager, report), (report, manager)]:
        group = GroupFactory(cohort=cohort)
        membership = transitions.group.join(group, first, by=None, now=NOW)
        with pytest.raises(Refusal):
            transitions.group.join(group, second, by=None, now=NOW)
        transitions.group.leave(membership, now=NOW)


def test_a_group_takes_eight_and_nobody_is_in_two():
    cohort = CohortFactory()
    group, other = GroupFactory(cohort=cohort), GroupFactory(cohort=cohort)
    for _ in range(8):
        transitions.group.join(group, EnrolmentFactory(cohort=cohort), by=None, now=NOW)

    ninth, member = EnrolmentFactory(cohort=cohort), group.memberships.first().enrolment
    for target, enrolment in [(group, ninth), (other, member)]:
        with pytest.raises(Refusal):
            transitions.group.join(target, enrolment, by=None, now=NOW)


def test_changing_group_ends_one_stay_and_begins_another_or_neither():
    cohort = CohortFactory()
    here, there, full = (GroupFactory(cohort=cohort) for _ in range(3))
    mover = EnrolmentFactory(cohort=cohort)
    for _ in range(8):
        MembershipFactory(group=full, enrolment__cohort=cohort)
    transitions.group.join(here, mover, by=None, now=NOW)

    transitions.group.change_group(mover, there, by=None, now=NOW + SECOND)
    with pytest.raises(Refusal):
        transitions.group.change_group(mover, full, by=None, now=NOW + 2 * SECOND)

    stays = GroupMembership.objects.filter(enrolment=mover).order_by("joined_at")
    assert list(stays.values_list("group", "left_at")) == [(here.pk, NOW + SECOND), (there.pk, None)]


def test_only_a_facilitator_of_the_cohort_can_be_given_a_group():
    group, facilitator = GroupFactory(), UserFactory()
    with pytest.raises(Refusal):
        transitions.group.give_facilitator(group, facilitator, now=NOW)

    group.cohort.facilitators.add(facilitator)
    transitions.group.give_facilitator(group, facilitator, now=NOW)
    assert group.facilitator == facilitator
