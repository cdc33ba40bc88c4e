"""The meeting on one phone: its steps and clock, two phones, a lost connection, and what becomes of its commitments."""

import html
from datetime import timedelta

import pytest
from django.urls import reverse

from courseplatform.cohorts import transitions
from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Attendance, CalendarPolicy, GroupMeeting, GroupMembership
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.journal.groups import meeting_runner, meeting_texts
from courseplatform.journal.groups.agenda import steps_of
from courseplatform.journal.groups.meetings import whole_of
from courseplatform.journal.groups.runner_page import Table as Shown
from courseplatform.journal.groups.runner_page import brought_back
from courseplatform.journal.groups.suggesting import suggest
from courseplatform.journal.models import Commitment, MeetingNote, MeetingRun
from courseplatform.people.models import AuditEvent
from courseplatform.people.refusals import Refusal
from tests.journal.at_the_table import MINUTE, PROMISE, STARTS, AtThePages, Table

pytestmark = pytest.mark.django_db


@pytest.fixture
def table():
    return Table()


def steps(table, turns):
    return [(step.kind, step.minutes, step.turn) for step in steps_of(whole_of(table.meeting), turns, "da")]


def test_the_agenda_shares_out_the_minutes_of_the_programmes_template(table):
    turn = [("presentation", 5), ("questions", 25), ("wondering", 10), ("commitment", 5)]

    assert steps(table, 2) == [
        ("round", 20, 0),
        *((kind, minutes, 1) for kind, minutes in turn),
        *((kind, minutes, 2) for kind, minutes in turn),
        ("break", 10, 0),
        ("theme", 45, 0),
        ("review", 15, 0),
    ]
    assert [step for step in steps(table, 3) if step[2] == 3] == [(kind, minutes, 3) for kind, minutes in turn]


@pytest.mark.parametrize(("present", "presenters"), [(2, 2), (5, 1), (5, 4), (3, 0)])
def test_a_meeting_takes_three_people_and_two_or_three_turns(table, present, presenters):
    with pytest.raises(Refusal):
        table.begin(present=present, presenters=presenters)
    assert MeetingRun.objects.count() == 0


def test_whoever_is_away_never_blocks_a_meeting(table):
    assert table.begin(present=3, presenters=2).present.count() == 3


def test_it_begins_half_an_hour_before_its_time_at_the_earliest(table):
    with pytest.raises(Refusal):
        table.begin(now=STARTS - 31 * MINUTE)
    assert table.begin(now=STARTS - 30 * MINUTE).step == 0


def test_begun_on_two_phones_it_is_one_meeting(table):
    first = table.begin(presenters=2)

    assert table.begin(presenters=3, now=STARTS + MINUTE) == first
    assert first.turns.count() == 2


def test_the_same_tap_twice_goes_one_step(table):
    run = table.begin()
    other_phone = MeetingRun.objects.get(pk=run.pk)
    meeting_runner.go_to(run, 1, edition=0, at=STARTS)

    with pytest.raises(meeting_runner.StaleTapError):
        meeting_runner.go_to(other_phone, 1, edition=0, at=STARTS)
    assert MeetingRun.objects.get(pk=run.pk).step == 1


def ends_after(run, table, now):
    step = Shown(run, table.members, now, "da").step
    return meeting_runner.ends_at(run, step, now) - STARTS


def test_a_pause_and_five_minutes_more_move_the_end_of_the_step(table):
    run = table.begin()
    assert ends_after(run, table, STARTS) == 20 * MINUTE

    meeting_runner.give_more(run, edition=0)
    meeting_runner.pause(run, edition=1, at=STARTS + 4 * MINUTE)
    assert ends_after(run, table, STARTS + 10 * MINUTE) == 31 * MINUTE
    meeting_runner.resume(run, edition=2, at=STARTS + 11 * MINUTE)
    assert ends_after(run, table, STARTS + 19 * MINUTE) == 32 * MINUTE


def test_the_process_is_kept_and_turns_are_given_by_those_who_have_done_it_least(table):
    run = table.begin(presenters=2)  # the last one kept the process, the first two presented

    suggestion = suggest(table.members, 3)
    assert suggestion.keeper == table.members[0]
    assert suggestion.presenters == (table.members[2], table.members[3], table.members[4])
    assert run.process_keeper == table.members[4]


def test_what_was_promised_comes_back_at_the_next_meeting_until_it_is_told(table):
    promise = table.promise(meeting=table.first, now=STARTS - timedelta(weeks=7))
    run = table.begin()
    new = table.promise(now=STARTS + 60 * MINUTE)
    reader = table.members[1].person
    assert list(brought_back(run, reader)) == [promise]

    meeting_texts.tell(promise, "partly", now=STARTS + MINUTE)
    assert list(brought_back(run, reader)) == [promise]
    meeting_runner.end(run, table.members, now=STARTS + 170 * MINUTE)
    later = table.begin(meeting=table.meeting_at("g3", STARTS + timedelta(weeks=8)), now=STARTS + timedelta(weeks=8))
    assert list(brought_back(later, reader)) == [new]


def test_the_end_is_said_by_the_members_and_so_is_who_was_there(table):
    run = table.begin()
    for _ in range(2):
        meeting_runner.end(run, table.members[:3], now=STARTS + 170 * MINUTE)

    table.meeting.refresh_from_db()
    assert table.meeting.state == "held"
    there = Attendance.objects.filter(meeting=table.meeting)
    assert {(one.enrolment, one.outcome) for one in there} == {(one, "attended") for one in table.members[:3]}


class TestPages(AtThePages):
    def test_a_whole_meeting(self, phone, table):
        table.promise(meeting=table.first, now=STARTS - timedelta(weeks=7))
        self.begin(phone, table)
        assert PROMISE in self.look(phone, table)
        assert "til kl. 09.20" in self.look(phone, table)

        for edition, words in enumerate(["Fremlæggelse", "Kun spørgsmål", "Fælles undren", "Aftale"]):
            assert (
                f'<h1 class="step-title">{words}</h1>'
                in self.tap(phone, table, do="next", edition=edition).content.decode()
            )
        entry = "6f1f2f7e-0d1c-4a53-9d4d-4d2f3f4b5a60"
        for _ in range(2):  # a double tap
            self.tap(phone, table, do="commit", of=table.members[0].pk, entry=entry, text="Jeg ringer i morgen.")
        assert self.look(phone, table).count("Jeg ringer i morgen.") == 1
        self.tap(phone, table, do="note", text="Tavsheden hjalp.")
        self.tap(phone, table, do="end", present=[str(one.pk) for one in table.members[:4]])

        record = self.look(phone, table)
        for words in ("Mødet er holdt.", "Jeg ringer i morgen.", "Tavsheden hjalp.", "Leder, Engholm"):
            assert words in record
        assert (Commitment.objects.get(meeting=table.meeting).author, MeetingNote.objects.count()) == (
            table.members[0].person,
            1,
        )

    def test_on_two_phones_the_later_tap_is_told_and_shown_where_the_meeting_is(self, phone, table):
        self.begin(phone, table)
        self.tap(phone, table, do="next", edition=0)
        page = html.unescape(self.tap(phone, table, do="next", edition=0).content.decode())

        assert "Mødet var allerede gået videre. Her er I nu." in page
        assert '<h1 class="step-title">Fremlæggelse</h1>' in page

    def test_another_phone_asks_in_vain_until_something_is_new(self, phone, table):
        self.begin(phone, table)
        address = reverse("meeting", kwargs={"pk": table.meeting.pk})
        assert phone.get(address, {"known": 0}).status_code == 204

        self.tap(phone, table, do="more", edition=0)
        assert phone.get(address, {"known": 0}).status_code == 200

    def test_what_was_tapped_without_a_connection_counts_from_when_it_was_tapped(self, phone, table, clock):
        self.begin(phone, table)
        clock.move_to(STARTS + 22 * MINUTE)
        self.tap(phone, table, do="next", edition=0, ago=120)
        run = MeetingRun.objects.get()
        assert run.step_began_at == STARTS + 20 * MINUTE

        self.tap(phone, table, do="next", edition=1, ago=99_999)
        run.refresh_from_db()
        assert run.step_began_at == STARTS + 20 * MINUTE  # never before the step it belongs to

    def test_moved_while_it_is_on_it_says_so_and_goes_on_at_the_new_time(self, phone, table):
        self.begin(phone, table)
        table.meeting.refresh_from_db()
        later = Slot(STARTS + 10 * MINUTE, STARTS + 190 * MINUTE, "Rådhuset")
        calendar = from_policy(CalendarPolicy())
        transitions.meeting.move(table.meeting, later, calendar=calendar, now=STARTS + timedelta(seconds=1))

        assert "Mødet er blevet flyttet" in self.look(phone, table)
        assert "Mødet er blevet flyttet" in self.tap(phone, table, do="next", edition=0).content.decode()
        self.tap(phone, table, do="new-time", edition=0)
        assert '<h1 class="step-title">Runde</h1>' in self.look(phone, table)

    def test_called_off_while_it_is_on_it_says_so(self, phone, table):
        self.begin(phone, table)
        table.promise(now=STARTS)
        transitions.meeting.cancel(table.meeting, reason="Brandalarm", now=STARTS)

        page = self.tap(phone, table, do="next", edition=0).content.decode()
        for words in ("Mødet er aflyst.", "Brandalarm", PROMISE):
            assert words in page

    @pytest.mark.parametrize("ending", ["held", "cancelled"])
    def test_a_line_that_was_typed_while_the_meeting_ended_is_kept(self, phone, table, ending):
        self.begin(phone, table)
        GroupMeeting.objects.filter(pk=table.meeting.pk).update(state=ending)

        self.tap(phone, table, do="note", text="Tavsheden hjalp.")
        assert "Tavsheden hjalp." in self.look(phone, table)
        refused = self.tap(phone, table, do="note", text="Ring 010170-1234")
        assert (refused.status_code, MeetingNote.objects.count()) == (422, 1)
        assert "Ring 010170-1234" in refused.content.decode()

    def test_who_has_left_the_group_gets_their_line_back_and_the_group_does_not(self, phone, table):
        self.begin(phone, table)
        GroupMembership.objects.filter(enrolment=table.members[0]).update(left_at=STARTS)
        answer = self.tap(phone, table, do="note", text="Tavsheden hjalp.")

        assert (answer.status_code, MeetingNote.objects.count()) == (404, 0)
        assert "Tavsheden hjalp." in answer.content.decode()

    def test_a_presenter_who_leaves_gives_the_turn_to_somebody_else(self, phone, table):
        self.begin(phone, table, **{"turn-1": str(table.members[4].pk)})
        self.tap(phone, table, do="next", edition=0)
        GroupMembership.objects.filter(enrolment=table.members[4]).update(left_at=STARTS)
        assert "Ingen fremlægger i denne tur endnu." in self.look(phone, table)

        self.tap(phone, table, do="presenter", edition=1, turn=1, of=table.members[3].pk)
        assert "Kulturchef fremlægger" in self.look(phone, table)

    def test_too_few_to_begin_is_said_and_the_choices_stay(self, phone, table):
        two = [str(one.pk) for one in table.members[:2]]
        answer = self.begin(phone, table, present=two)

        assert answer.status_code == 422
        assert "I skal være mindst tre til et møde." in answer.content.decode()
        assert answer.content.decode().count("checked") == 2

    def test_held_without_a_phone_it_can_be_said_afterwards(self, phone, table, clock):
        clock.move_to(STARTS + timedelta(hours=4))
        for _ in range(2):
            phone.post(
                reverse("meeting-hold", kwargs={"pk": table.meeting.pk}), {"present": [str(table.members[1].pk)]}
            )

        assert "Mødet er holdt. Her var: Leder, Byggesag." in self.look(phone, table)

    def test_a_phone_is_told_whether_who_is_signed_in_is_in_the_group_and_nothing_is_read(self, phone, table):
        table.promise(who=1)
        address = reverse("meeting", kwargs={"pk": table.meeting.pk})
        assert phone.get(address, {"member": ""}).status_code == 204

        phone.force_login(table.facilitator)
        assert phone.get(address, {"member": ""}).status_code == 404
        assert not AuditEvent.objects.filter(action="read").exists()

    @pytest.mark.parametrize("what", [{"do": "fly"}, {}])
    def test_an_unknown_tap_is_nowhere(self, phone, table, what):
        self.begin(phone, table)

        assert phone.post(reverse("meeting-tap", kwargs={"pk": table.meeting.pk}), what).status_code == 404
