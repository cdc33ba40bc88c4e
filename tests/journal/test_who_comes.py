"""Who comes to the group's next meeting, as they have said from their calendars: for the group alone."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.models import Attendance, GroupMembership
from courseplatform.cohorts.transitions import meeting as transitions
from courseplatform.cohorts.transitions.answer import answer_meeting_by_mail
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
        answer_meeting_by_mail(table.meeting, member, answer, said_at=BEFORE, now=BEFORE)
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
    assert who_comes(meeting)["declined"] == [NAMES[1]]
    later = STARTS + timedelta(hours=1)
    transitions.move(meeting, Slot(later, meeting.ends_at, "Kantinen", ""), calendar=calendar, now=BEFORE)

    assert who_comes(meeting) == {}
    assert set(Attendance.objects.values_list("response", "responded_at")) == {("none", None)}
