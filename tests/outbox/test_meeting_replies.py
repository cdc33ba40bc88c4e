"""A calendar's answer about a learning group's meeting: kept for whoever is in the group, and for nobody else."""

from datetime import timedelta

import pytest

from courseplatform.cohorts.models import Attendance, GroupMeeting
from courseplatform.cohorts.transitions.group import leave
from tests.factories import EnrolmentFactory, MeetingFactory, MembershipFactory
from tests.outbox.test_calendar_replies import MINUTE, MONDAY, reply, told

pytestmark = pytest.mark.django_db
WEDNESDAY = MONDAY + timedelta(days=2)


@pytest.fixture
def stay():
    enrolment = EnrolmentFactory()
    return MembershipFactory(enrolment=enrolment, group__cohort=enrolment.cohort)


@pytest.fixture
def asked(stay):
    times = {"starts_at": WEDNESDAY, "ends_at": WEDNESDAY + timedelta(hours=3)}
    return stay.enrolment, MeetingFactory(group=stay.group, state=GroupMeeting.State.SCHEDULED, **times)


def answers():
    return list(Attendance.objects.values_list("response", "responded_at"))


def test_the_newest_answer_of_a_member_is_kept(asked):
    assert told(reply(asked, "DECLINED", stamp=MONDAY), MONDAY + MINUTE) == "declined"
    assert told(reply(asked, "ACCEPTED", stamp=MONDAY - MINUTE), MONDAY + MINUTE) == "older"

    assert answers() == [("declined", MONDAY)]


def test_it_leaves_alone_what_was_noted_of_the_meeting(asked):
    enrolment, meeting = asked
    Attendance.objects.create(enrolment=enrolment, meeting=meeting, outcome=Attendance.Outcome.ATTENDED)

    told(reply(asked, "TENTATIVE"), MONDAY)

    assert Attendance.objects.values_list("response", "outcome").get() == ("tentative", "attended")


def test_nothing_is_kept_of_who_has_left_the_group(stay, asked):
    leave(stay, now=MONDAY)

    assert told(reply(asked)) == "unknown"
    assert answers() == []


def test_nothing_is_kept_of_a_peer_in_another_group(stay, asked):
    peer = EnrolmentFactory(cohort=stay.enrolment.cohort)
    MembershipFactory(enrolment=peer, group__cohort=peer.cohort)

    assert told(reply((peer, asked[1]))) == "unknown"
    assert answers() == []


@pytest.mark.parametrize("state", [GroupMeeting.State.CANCELLED, GroupMeeting.State.HELD])
def test_nothing_is_kept_of_a_meeting_that_is_over_or_off(asked, state):
    GroupMeeting.objects.update(state=state)

    assert told(reply(asked)) == "too_late"
    assert answers() == []


def test_a_yes_to_another_day_is_no_answer(asked):
    GroupMeeting.objects.update(ics_sequence=1, starts_at=WEDNESDAY + timedelta(hours=1))

    assert told(reply(asked, sequence=0)) == "outdated"
    assert answers() == []
