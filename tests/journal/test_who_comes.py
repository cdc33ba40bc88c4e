"""Who comes to the group's next meeting, as they have said here or from their calendars: for the group alone."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.models import Attendance, GroupMembership
from courseplatform.cohorts.transitions import meeting as transitions
from courseplatform.cohorts.transitions.answer import answer_meeting
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.journal.groups.group_page import who_comes
from courseplatform.journal.models import FacilitatorInvitation
from courseplatform.outbox.sending.pacing import calendar_of
from tests.journal.at_the_table import NAMES, STARTS, Table

pytestmark = pytest.mark.django_db
BEFORE = STARTS - timedelta(days=1)


@pytest.fixture
def table():
    table = Table()
    for member, answer in zip(table.members, ["accepted", "declined", "tentative", "accepted"], strict=False):
        answer_meeting(table.meeting, member, answer, said_at=BEFORE, now=BEFORE)
    with time_machine.travel(BEFORE, tick=False):
        yield table


def page_of(browser, address):
    return " ".join(html.unescape(browser.get(address, follow=True).content.decode()).split())


def test_the_group_sees_it_on_its_page_and_on_the_meetings_and_an_invited_facilitator_does_not(table, signed_in):
    GroupMembership.objects.filter(enrolment=table.members[3]).update(left_at=BEFORE)
    meeting = reverse("meeting", args=[table.meeting.pk])
    browser = signed_in(table.members[4].person)
    for address in (reverse("group"), meeting):
        page = page_of(browser, address)
        for answer, name in zip(["Kommer", "Kommer ikke", "Måske"], NAMES, strict=False):
            assert f'<span class="quiet s">{answer}</span> {name}</li>' in page

    FacilitatorInvitation.objects.create(meeting=table.meeting, is_invited=True)
    assert "Kommer ikke" not in page_of(signed_in(table.facilitator), meeting)


def test_a_yes_to_the_old_time_is_no_yes_to_the_new_one_and_another_room_leaves_it(table):
    meeting, calendar = table.meeting, calendar_of(table.group.cohort)
    transitions.move(meeting, Slot(meeting.starts_at, meeting.ends_at, "Kantinen", ""), calendar=calendar, now=BEFORE)
    assert who_comes(meeting, table.facilitator, BEFORE).said["declined"] == [NAMES[1]]
    later = STARTS + timedelta(hours=1)
    transitions.move(meeting, Slot(later, meeting.ends_at, "Kantinen", ""), calendar=calendar, now=BEFORE)

    assert who_comes(meeting, table.facilitator, BEFORE).said == {}
    assert set(Attendance.objects.values_list("response", "responded_at")) == {("none", None)}


def answer(browser, table, response, sequence=0):
    where = reverse("meeting-answer", args=[table.meeting.pk])
    return browser.post(where, {"response": response, "seen": sequence})


def said_by(member):
    return Attendance.objects.get(enrolment=member).response


def test_a_member_answers_on_the_groups_page_and_changes_it_until_the_meeting_begins(table, signed_in):
    browser = signed_in(table.members[1].person)
    for response in ("accepted", "tentative", "tentative"):
        assert answer(browser, table, response).status_code == 302
        assert said_by(table.members[1]) == response
        page = browser.get(reverse("group"), follow=True).content.decode()
        assert f'name="response" value="{response}" aria-pressed="true"' in page

    with time_machine.travel(STARTS, tick=False):
        assert answer(browser, table, "declined").status_code == 409
        assert b"Kommer du?" not in browser.get(reverse("group")).content
    assert said_by(table.members[1]) == "tentative"


def test_a_yes_on_a_page_from_before_the_move_is_no_yes_to_the_new_time(table, signed_in):
    slot = Slot(STARTS + timedelta(days=7), STARTS + timedelta(days=7, hours=3), "Kantinen", "")
    transitions.move(table.meeting, slot, calendar=calendar_of(table.group.cohort), now=BEFORE)
    browser = signed_in(table.members[0].person)

    assert answer(browser, table, "accepted").status_code == 409
    assert said_by(table.members[0]) == "none"
    assert answer(browser, table, "accepted", sequence=1).status_code == 302
    assert said_by(table.members[0]) == "accepted"


def test_what_is_no_answer_is_refused(table, signed_in):
    assert answer(signed_in(table.members[4].person), table, "waiting").status_code == 409
    assert not Attendance.objects.filter(enrolment=table.members[4]).exists()
