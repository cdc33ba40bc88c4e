"""Calendar mail about a learning group's meetings: who is in the group has the entry, nobody else (MODEL I13)."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions.answer import answer_meeting
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Message, PlanningTurn
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.pacing import calendar_of
from tests.factories import CohortFactory, EnrolmentFactory, MeetingFactory, MembershipFactory, WorkshopFactory
from tests.outbox.test_invitations import calendar_part, event_of

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 9, 21, 8, tzinfo=UTC)
START = datetime(2026, 9, 30, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Message.State


def slot(start=START, place="Solgården, mødelokale 1"):
    return Slot(start, start + timedelta(hours=3), place)


@pytest.fixture
def stay():
    """One member's stay in a group; others of the cohort are in another group or in none."""
    cohort = CohortFactory()
    for _ in range(2):
        MembershipFactory(group__cohort=cohort, enrolment__cohort=cohort)
    EnrolmentFactory(cohort=cohort)
    enrolment = EnrolmentFactory(cohort=cohort, person__email="anna@fjordby.example")
    return MembershipFactory(group__cohort=cohort, enrolment=enrolment)


@pytest.fixture
def meeting(stay):
    found = MeetingFactory(group=stay.group)
    meetings.schedule(found, slot(), now=MONDAY)
    return found


@pytest.fixture
def peer(meeting):
    """A second member, who has heard of everything that the first has."""
    return join(meeting, "bo@fjordby.example")


def join(meeting, email, now=MONDAY):
    enrolment = EnrolmentFactory(cohort=meeting.group.cohort, person__email=email)
    return groups.join(meeting.group, enrolment, by=None, now=now)


@pytest.fixture
def sent(meeting, mailoutbox):
    """Plans, waits until the last word stands, sends, and says what went to whom: address, method, sequence."""

    def at(minutes):
        mailoutbox.clear()
        now = MONDAY + minutes * MINUTE
        plan_invitations(Cohort.objects.get(), now)
        assert plan_invitations(Cohort.objects.get(), now) == 0
        send_due(now + 10 * MINUTE)
        return sorted((mail.to[0], *facts(mail)) for mail in mailoutbox if mail.attachments)

    return at


def facts(mail):
    calendar, event = event_of(mail)
    return str(calendar["METHOD"]), event["SEQUENCE"]


def test_a_meeting_without_a_day_is_in_nobodys_calendar(stay):
    MeetingFactory(group=stay.group)

    assert plan_invitations(stay.group.cohort, MONDAY) == 0


def test_the_group_and_nobody_else_is_invited_once_it_has_its_day(peer, sent, mailoutbox):
    assert sent(0) == [("anna@fjordby.example", "REQUEST", 0), ("bo@fjordby.example", "REQUEST", 0)]

    _calendar, event = event_of(mailoutbox[0])
    assert event["UID"] == GroupMeeting.objects.get().ics_uid
    assert (event["ATTENDEE"], event["ATTENDEE"].params["RSVP"]) == (f"mailto:{mailoutbox[0].to[0]}", "TRUE")
    assert event["DTSTART"].dt.replace(tzinfo=None) == datetime(2026, 9, 30, 9)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Din læringsgruppe mødes", "Solgården, mødelokale 1")
    assert calendar_part(mailoutbox[0])["Content-Type"].params["method"] == "REQUEST"
    assert mailoutbox[0].subject == "Din læringsgruppe mødes onsdag den 30. september"
    assert mailoutbox[0].message().get_payload()[1].get_filename() == "meeting.ics"


def test_a_move_is_told_to_all_after_ten_minutes(meeting, sent, mailoutbox):
    sent(0)
    meetings.move(meeting, slot(START + timedelta(days=1)), calendar=calendar_of(meeting.group.cohort), now=MONDAY)

    assert sent(60) == [("anna@fjordby.example", "REQUEST", 1)]
    assert mailoutbox[0].subject == "Flyttet: Din læringsgruppe mødes nu torsdag den 1. oktober"
    assert Message.objects.filter(template="moved").values_list("not_before", flat=True).get() == MONDAY + 70 * MINUTE


def test_moved_back_before_anybody_heard_of_the_move_nothing_is_sent(meeting, sent):
    sent(0)
    calendar = calendar_of(meeting.group.cohort)
    answer_meeting(meeting, meeting.group.cohort.enrolments.first(), "accepted", said_at=MONDAY, now=MONDAY)
    meetings.move(meeting, slot(START + timedelta(days=1)), calendar=calendar, now=MONDAY)
    plan_invitations(meeting.group.cohort, MONDAY + 30 * MINUTE)
    meetings.move(meeting, slot(), calendar=calendar, now=MONDAY)

    assert sent(35) == []
    assert meeting.attendances.get().response == "accepted"  # as their calendar says


def test_a_cancelled_meeting_leaves_the_calendars_it_may_stand_in(meeting, sent, mailoutbox):
    sent(0)
    join(meeting, "bo@fjordby.example")
    plan_invitations(Cohort.objects.get(), MONDAY + 20 * MINUTE)
    meetings.cancel(meeting, reason="Tre er syge", now=MONDAY)

    assert sent(30) == [("anna@fjordby.example", "CANCEL", 1)]
    assert mailoutbox[0].subject == "Aflyst: mødet i din læringsgruppe onsdag den 30. september"
    assert "Tre er syge" not in mailoutbox[0].message().as_string()


def test_a_newcomer_gets_the_entry_and_the_others_hear_nothing(meeting, sent):
    sent(0)
    join(meeting, "bo@fjordby.example")

    assert sent(20) == [("bo@fjordby.example", "REQUEST", 0)]


def test_who_leaves_loses_the_entry_by_a_higher_sequence_and_the_others_hear_nothing(meeting, peer, sent, mailoutbox):
    sent(0)
    groups.leave(peer, now=MONDAY)

    assert sent(20) == [("bo@fjordby.example", "CANCEL", 1)]
    assert mailoutbox[0].subject == "Ude af din kalender: læringsgruppens møde onsdag den 30. september"
    assert sent(40) == []


def test_who_comes_back_gets_it_again_by_a_still_higher_sequence(meeting, peer, sent):
    sent(0)
    groups.leave(peer, now=MONDAY)
    sent(20)
    groups.join(meeting.group, peer.enrolment, by=None, now=MONDAY)

    assert sent(40) == [("bo@fjordby.example", "REQUEST", 2)]


def test_who_leaves_and_is_back_within_ten_minutes_hears_nothing(meeting, peer, sent):
    sent(0)
    groups.leave(peer, now=MONDAY)
    plan_invitations(meeting.group.cohort, MONDAY + 20 * MINUTE)
    groups.join(meeting.group, peer.enrolment, by=None, now=MONDAY)

    assert sent(25) == []


def test_who_left_before_their_invitation_did_gets_it_when_they_come_back(meeting, peer, sent):
    plan_invitations(meeting.group.cohort, MONDAY)
    groups.leave(peer, now=MONDAY)

    assert sent(0) == [("anna@fjordby.example", "REQUEST", 0)]
    groups.join(meeting.group, peer.enrolment, by=None, now=MONDAY)

    assert sent(30) == [("bo@fjordby.example", "REQUEST", 1)]


def test_an_invitation_that_was_on_its_way_when_its_reader_left_is_followed_once_it_is_known(meeting, sent):
    plan_invitations(meeting.group.cohort, MONDAY)
    request = Message.objects.filter(template="invitation")
    request.update(state=State.CLAIMED, claim=1)
    groups.leave(meeting.group.memberships.get(), now=MONDAY)
    plan(MONDAY)
    assert request.get().cancel_asked
    assert PlanningTurn.objects.get().plan_at == MONDAY + MINUTE

    request.update(state=State.SENT, claim=None)

    assert sent(1) == [("anna@fjordby.example", "CANCEL", 1)]


def test_a_sender_that_is_faster_than_the_planner_tells_nobody_of_a_group_they_have_left(meeting, mailoutbox):
    plan_invitations(meeting.group.cohort, MONDAY)
    groups.leave(meeting.group.memberships.get(), now=MONDAY)
    send_due(MONDAY)

    assert mailoutbox == []
    assert Message.objects.values_list("state", "reason").get() == ("cancelled", "not_in_the_group")


def test_who_left_before_a_sender_looked_gets_it_when_they_come_back(meeting, peer, sent):
    plan_invitations(meeting.group.cohort, MONDAY)
    groups.leave(peer, now=MONDAY)
    send_due(MONDAY)
    groups.join(meeting.group, peer.enrolment, by=None, now=MONDAY)

    assert sent(20) == [("bo@fjordby.example", "REQUEST", 1)]
    assert sent(40) == []


def test_a_meeting_and_a_workshop_of_one_cohort_do_not_disturb_each_other(meeting, sent):
    WorkshopFactory(cohort=meeting.group.cohort)
    everybody = sorted(Enrolment.objects.values_list("person__email", flat=True))

    assert [to for to, _method, _sequence in sent(0)] == sorted([*everybody, "anna@fjordby.example"])


def test_what_becomes_of_the_entry_stands_in_english_too(meeting, sent, mailoutbox):
    meeting.group.memberships.get().enrolment.person.__class__.objects.update(language="en")
    sent(0)

    assert mailoutbox[0].subject == "Your learning group meets Wednesday 30 September"
    assert "Your learning group has chosen its day" in mailoutbox[0].body
