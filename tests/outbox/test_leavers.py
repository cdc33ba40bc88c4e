"""Who leaves the cohort: one CANCEL for each entry they were sent, and not a word to anybody else (MODEL I13)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Enrolment, GroupMeeting, Workshop
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions import seat as seats
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.outbox.models import Message, PlanningTurn
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MeetingFactory, MembershipFactory, UserFactory, WorkshopFactory
from tests.outbox.test_invitations import event_of

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 10, 12, 8, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANNA, BO = "anna@fjordby.example", "bo@fjordby.example"
State = Enrolment.State


@pytest.fixture
def anna():
    """On a cohort with Bo, in a group with Bo, with a workshop and a meeting behind them and one of each to come."""
    anna = EnrolmentFactory(person__email=ANNA)
    cohort = anna.cohort
    bo = EnrolmentFactory(cohort=cohort, person__email=BO)
    group = MembershipFactory(group__cohort=cohort, enrolment=anna).group
    MembershipFactory(group=group, enrolment=bo)
    for key, days in (("1", -7), ("2", 30)):
        at = {"starts_at": MONDAY + days * DAY, "ends_at": MONDAY + days * DAY + timedelta(hours=3)}
        WorkshopFactory(cohort=cohort, key=f"w{key}", **at)
        MeetingFactory(group=group, key=f"g{key}", state="scheduled", **at)
    return anna


@pytest.fixture
def told(mailoutbox):
    """Plans at that minute, sends ten later, plans once more, and says which calendar mail went to whom."""

    def at(minutes):
        mailoutbox.clear()
        now = MONDAY + minutes * MINUTE
        plan(now)
        send_due(now + 10 * MINUTE)
        plan(now + 11 * MINUTE)
        send_due(now + 21 * MINUTE)
        return sorted((mail.to[0], *facts(mail)) for mail in mailoutbox if mail.attachments)

    return at


def facts(mail):
    calendar, event = event_of(mail)
    [key] = [one.key for model in (Workshop, GroupMeeting) for one in model.objects.filter(ics_uid=event["UID"])]
    return key, str(calendar["METHOD"]), event["SEQUENCE"]


def withdraw(enrolment, minutes=30):
    enrolments.withdraw(fresh(enrolment), reason="Nyt job", now=MONDAY + minutes * MINUTE)


def fresh(enrolment):
    return Enrolment.objects.select_related("cohort__municipality", "person").get(pk=enrolment.pk)


def test_whoever_withdraws_loses_what_is_to_come_and_nobody_else_hears_of_it(anna, told, mailoutbox):
    assert told(0) == [(who, what, "REQUEST", 0) for who in (ANNA, BO) for what in ("g2", "w2")]
    withdraw(anna)

    assert told(30) == [(ANNA, "g2", "CANCEL", 1), (ANNA, "w2", "CANCEL", 1)]
    assert {mail.subject for mail in mailoutbox} == {
        "Ude af din kalender: Digital forestillingsevne – med fagligheden først, onsdag den 11. november",
        "Ude af din kalender: læringsgruppens møde onsdag den 11. november",
    }
    assert told(60) == []


def test_whoever_changes_cohorts_loses_those_of_the_old_one(anna, told):
    told(0)
    Enrolment.objects.filter(pk=anna.pk).update(state=State.TRANSFERRED)

    assert told(30) == [(ANNA, "g2", "CANCEL", 1), (ANNA, "w2", "CANCEL", 1)]


@pytest.mark.parametrize(
    ("state", "is_active"),
    [(State.LEFT_ORGANISATION, True), (State.LEFT_ORGANISATION, False), (State.WITHDRAWN, False), ("active", False)],
)
def test_no_mail_goes_to_who_has_left_the_organisation_or_is_deactivated(anna, told, state, is_active):
    """MODEL §7 “Person leaves”: the address may be nobody's, or somebody else's."""
    told(0)
    Enrolment.objects.filter(pk=anna.pk).update(state=state)
    anna.person.is_active = is_active
    anna.person.save()

    assert told(30) == told(60) == []
    assert set(Message.objects.filter(kind="event").values_list("template", flat=True)) == {"invitation"}


def test_whoever_was_sent_no_request_is_sent_no_cancel(anna, told):
    plan(MONDAY)
    withdraw(anna)

    assert [one for one in told(30) if one[0] == ANNA] == []
    theirs = Message.objects.filter(enrolment=anna, kind="event")
    assert set(theirs.values_list("template", "state", "reason")) == {("invitation", "cancelled", "not_enrolled")}


def test_a_request_that_was_on_its_way_is_asked_back_and_followed_once_it_has_arrived(anna, told):
    plan(MONDAY)
    request = Message.objects.filter(enrolment=anna, workshop__key="w2")
    request.update(state="claimed", claim=1)
    withdraw(anna, minutes=0)
    plan(MONDAY)
    assert request.get().cancel_asked
    assert PlanningTurn.objects.get().plan_at == MONDAY + MINUTE

    request.update(state="sent", claim=None)

    assert [one for one in told(1) if one[0] == ANNA] == [(ANNA, "w2", "CANCEL", 1)]


@pytest.mark.parametrize("off", ["workshop", "meeting"])
def test_called_off_before_they_were_told_they_get_one_cancel_all_the_same(anna, told, off):
    told(0)
    withdraw(anna)
    plan(MONDAY + 30 * MINUTE)
    if off == "workshop":
        event = Workshop.objects.select_related("cohort__municipality").get(key="w2")
        workshops.cancel(event, reason="Sygdom", now=MONDAY + 31 * MINUTE)
    else:
        event = GroupMeeting.objects.select_related("group__cohort__municipality").get(key="g2")
        meetings.cancel(event, reason="Sygdom", now=MONDAY + 31 * MINUTE)

    assert sorted(one[:3] for one in told(32) if one[0] == ANNA) == [(ANNA, "g2", "CANCEL"), (ANNA, "w2", "CANCEL")]
    assert told(70) == []


def test_whoever_left_the_group_first_and_then_the_cohort_gets_one_cancel_of_the_meeting(anna, told):
    told(0)
    groups.leave(anna.group_memberships.get(), now=MONDAY + 25 * MINUTE)
    plan(MONDAY + 25 * MINUTE)
    withdraw(anna)

    assert told(30) == [(ANNA, "g2", "CANCEL", 1), (ANNA, "w2", "CANCEL", 1)]
    assert told(60) == []


def test_whoever_comes_back_gets_the_entry_again_by_a_sequence_that_outdoes_the_cancel(anna, told):
    told(0)
    withdraw(anna)
    told(30)
    come_back(anna, minutes=60)

    assert told(60) == [(ANNA, "w2", "REQUEST", 2)]  # to the workshop; the group is another matter
    assert told(120) == []


def test_whoever_is_back_within_ten_minutes_gets_no_cancel(anna, told):
    told(0)
    withdraw(anna)
    plan(MONDAY + 30 * MINUTE)
    come_back(anna, minutes=35)

    assert told(35) == [(ANNA, "g2", "CANCEL", 1), (ANNA, "w2", "REQUEST", 1)]
    assert told(120) == []


def come_back(enrolment, minutes):
    again = enrolments.invite(enrolment.cohort, enrolment.person, by=None, now=MONDAY)
    enrolments.accept(fresh(again), now=MONDAY + minutes * MINUTE)


def test_the_colleague_in_a_leavers_seat_is_told_and_the_leaver_who_had_given_it_is_not(anna, told):
    told(0)
    colleague = UserFactory(email="vikar@fjordby.example")
    workshop = Workshop.objects.get(key="w2")
    seats.send(workshop, anna, colleague, by=anna.person, now=MONDAY + 25 * MINUTE)
    assert told(25) == [(ANNA, "w2", "CANCEL", 1), (colleague.email, "w2", "REQUEST", 1)]
    Enrolment.objects.filter(pk=anna.pk).update(state=State.LEFT_ORGANISATION)

    assert told(60) == [(colleague.email, "w2", "CANCEL", 2)]
    assert told(90) == []


def test_the_mail_leads_where_its_reader_may_go(anna, told, mailoutbox, client):
    told(0)
    withdraw(anna)
    told(30)
    client.force_login(anna.person)

    for message in Message.objects.filter(template="cohort_left"):
        assert client.get(reverse("message", args=[message.pk])).url == reverse("home")
    assert all("Gå til I dag" in mail.body and "Nyt job" not in mail.body for mail in mailoutbox)
