"""How a group finds its day, moves it and calls it off."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.transitions.event import Slot
from courseplatform.journal.groups import finding_a_date
from courseplatform.journal.models import DateAnswer
from courseplatform.outbox.models import PlanningRequest
from courseplatform.people.refusals import Refusal
from tests.factories import GroupFactory, MeetingFactory
from tests.journal.at_the_table import Table

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)
MONDAY = datetime(2027, 1, 11, 8, tzinfo=UTC)  # of week 19, where the third meeting belongs


@pytest.fixture
def table():
    table = Table()
    table.undecided = MeetingFactory(group=table.group, key="g3")
    return table


def slot(days=1, hours=3, place="Rådhuset"):
    return Slot(MONDAY + timedelta(days=days), MONDAY + timedelta(days=days, hours=hours), place)


def propose(table, days=1, by=0):
    return finding_a_date.propose(table.undecided, slot(days), by=table.members[by], now=NOW)


def test_who_proposes_a_time_can_and_twice_is_once(table):
    proposal = propose(table)

    assert propose(table, by=1) == proposal
    assert [(one.enrolment, one.answer) for one in proposal.answers.all()] == [(table.members[0], "yes")]


@pytest.mark.parametrize(("days", "is_in_its_weeks"), [(-1, False), (0, True), (13, True), (14, False)])
def test_a_time_lies_in_the_meetings_week_or_the_one_after(table, days, is_in_its_weeks):
    if is_in_its_weeks:
        assert propose(table, days).starts_at == slot(days).starts_at
    else:
        with pytest.raises(Refusal):
            propose(table, days)


def test_when_its_weeks_are_over_any_day_of_the_next_four_will_do(table):
    late = MONDAY + timedelta(weeks=3)

    window = finding_a_date.window_of(table.undecided, late)
    assert (window.first, window.last) == (late.date(), (late + timedelta(weeks=4)).date())


def test_a_sixth_time_is_refused(table):
    for days in range(5):
        propose(table, days)

    with pytest.raises(Refusal):
        propose(table, 5)


def test_the_last_answer_stands_and_only_for_this_meeting(table):
    proposal, other = propose(table), MeetingFactory(group=GroupFactory(), key="g3").proposals
    elsewhere = other.create(starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=1))
    for said in ("yes", "if_need_be", "perhaps"):
        finding_a_date.answer(table.undecided, table.members[1], {proposal.pk: said, elsewhere.pk: said})

    given = DateAnswer.objects.filter(enrolment=table.members[1])
    assert [(one.proposal, one.answer) for one in given] == [(proposal, "if_need_be")]


def test_one_press_decides_and_the_planner_hears_of_it(table):
    proposal = propose(table)
    PlanningRequest.objects.all().delete()
    finding_a_date.decide(proposal, now=NOW)
    finding_a_date.decide(proposal, now=NOW)

    table.undecided.refresh_from_db()
    assert (table.undecided.state, table.undecided.starts_at) == ("scheduled", slot().starts_at)
    assert PlanningRequest.objects.get().cohort_id == table.group.cohort_id


def test_of_two_that_decide_differently_the_second_is_refused(table):
    first, second = propose(table, 1), propose(table, 2)
    on_another_phone = type(second).objects.get(pk=second.pk)
    finding_a_date.decide(first, now=NOW)

    with pytest.raises(Refusal):
        finding_a_date.decide(on_another_phone, now=NOW)
    table.undecided.refresh_from_db()
    assert table.undecided.starts_at == slot(1).starts_at


def test_only_ones_own_proposal_can_be_taken_away(table):
    proposal = propose(table, by=0)

    with pytest.raises(Refusal):
        finding_a_date.take_away(proposal, by=table.members[1])
    finding_a_date.take_away(proposal, by=table.members[0])
    assert table.undecided.proposals.count() == 0


class TestPages:
    @pytest.fixture(autouse=True)
    def _december(self):
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.fixture
    def member(self, client, table):
        client.force_login(table.members[0].person)
        return client

    def at(self, name, meeting):
        return reverse(name, kwargs={"pk": meeting.pk})

    def test_a_group_finds_its_day(self, member, table):
        page = self.at("meeting-day", table.undecided)
        posted = {"day": "2027-01-13", "starts": "9.00", "ends": "12.00", "place": "Rådhuset"}
        member.post(page, {"do": "propose", **posted})
        proposal = table.undecided.proposals.get()
        member.force_login(table.members[1].person)
        member.post(page, {"do": "answer", f"answer-{proposal.pk}": "no"})

        words = member.get(page).content.decode()
        assert "Kan: Leder, Engholm." in words
        assert "Kan ikke: Leder, Byggesag." in words
        assert member.post(page, {"do": "decide", "proposal": proposal.pk}).headers["Location"] == reverse("group")
        assert "onsdag den 13.\xa0januar kl.\xa009.00–12.00" in member.get(reverse("group")).content.decode()

    def test_times_that_wait_for_an_answer_are_told_to_who_has_not_given_it(self, member, table):
        for days in (1, 2):
            propose(table, days, by=1)
        pages = [reverse("home"), reverse("group")]
        assert ["2 tider venter på dit svar" in member.get(page).content.decode() for page in pages] == [True, True]

        answers = {f"answer-{proposal.pk}": "no" for proposal in table.undecided.proposals.all()}
        member.post(self.at("meeting-day", table.undecided), {"do": "answer", **answers})
        assert ["venter på dit svar" in member.get(page).content.decode() for page in pages] == [False, False]

    def test_an_answer_or_a_proposal_after_the_decision_is_told_so(self, member, table):
        proposal, page = propose(table, by=1), self.at("meeting-day", table.undecided)
        finding_a_date.decide(proposal, now=NOW)
        time = {"day": "2027-01-14", "starts": "9.00", "ends": "12.00", "place": "Rådhuset"}
        for late in ({"do": "answer", f"answer-{proposal.pk}": "no"}, {"do": "propose", **time}):
            told = member.post(page, late, follow=True).content.decode()
            assert "Gruppen har valgt dagen imens." in told
        assert not proposal.answers.filter(enrolment=table.members[0]).exists()

    def test_what_is_taken_away_cannot_be_decided_and_taking_away_twice_is_no_surprise(self, member, table):
        page, gone = self.at("meeting-day", table.undecided), {"proposal": propose(table).pk}

        assert [member.post(page, gone | {"do": "take-away"}).status_code for _ in range(2)] == [302, 302]
        decided = member.post(page, gone | {"do": "decide"})
        assert decided.status_code == 409
        assert "Tidspunktet er trukket tilbage. Vælg et andet." in decided.content.decode()

    def test_a_time_outside_its_weeks_comes_back_as_typed(self, member, table):
        posted = {"day": "2027-03-03", "starts": "9.00", "ends": "12.00", "place": "Rådhuset"}
        answer = member.post(self.at("meeting-day", table.undecided), {"do": "propose", **posted})

        assert answer.status_code == 422
        assert "Vælg en dag i mødets uge eller ugen efter." in answer.content.decode()
        assert 'value="2027-03-03"' in answer.content.decode()

    def test_a_move_raises_the_calendars_sequence_once(self, member, table):
        page = self.at("meeting-move", table.undecided)
        finding_a_date.decide(propose(table), now=NOW)
        posted = {"day": "2027-01-14", "starts": "9.00", "ends": "12.00", "place": "Rådhuset", "seen": 0}
        uid = table.undecided.ics_uid

        assert member.post(page, posted).status_code == 302
        assert member.post(page, posted).status_code == 302  # a double tap: it stands there already
        stale = posted | {"day": "2027-01-15"}
        assert member.post(page, stale).status_code == 409
        table.undecided.refresh_from_db()
        assert (table.undecided.ics_sequence, table.undecided.ics_uid) == (1, uid)
        assert table.undecided.starts_at == datetime(2027, 1, 14, 8, tzinfo=UTC)

    def test_a_meeting_is_called_off_with_a_reason_the_group_can_read(self, member, table):
        page = self.at("meeting-cancel", table.undecided)

        assert member.post(page, {"reason": ""}).status_code == 422
        member.post(page, {"reason": "Alle har influenza"})
        words = member.get(self.at("meeting", table.undecided)).content.decode()
        assert "Mødet er aflyst." in words
        assert "Alle har influenza" in words

    def test_another_groups_meeting_is_nowhere(self, member, table):
        other = MeetingFactory(group=GroupFactory(cohort=table.group.cohort), key="g3")

        for name in ("meeting-day", "meeting-move", "meeting-cancel"):
            assert member.get(self.at(name, other)).status_code == 404
