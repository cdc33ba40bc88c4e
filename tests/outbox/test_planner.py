"""The planner's rows: the coming week, once, and true to what has changed since."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan, plan_enrolment, replan
from courseplatform.people.models import NotificationPreference
from lessons.versions import digest_of
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    UserFactory,
    VersionFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db
State = Message.State
MONDAY = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)
W1 = datetime(2026, 9, 9, 6, 30, tzinfo=UTC)


@pytest.fixture
def cohort():
    cohort = CohortFactory()
    CalendarPolicyFactory(municipality=cohort.municipality)
    return cohort


@pytest.fixture
def w1(cohort):
    return WorkshopFactory(cohort=cohort, key="w1", starts_at=W1, ends_at=W1 + timedelta(hours=7))


@pytest.fixture
def manager(cohort):
    return EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))


def due(**filters):
    waiting = Message.objects.filter(state=State.DUE, channel="email", **filters).order_by(
        "due_at", "template", "occurrence_key"
    )
    return [
        (one.template, one.due_at.strftime("%a %d %b %H:%M"))
        for one in waiting.order_by("due_at", "template", "occurrence_key")
    ]


def row(template, **filters):
    return Message.objects.get(template=template, is_follow_up=False, **filters)


def told(message):
    message.refresh_from_db()
    return message.due_at, message.state, message.reason


def test_the_coming_week_becomes_rows_and_nothing_beyond_it(manager, w1):
    plan(MONDAY)
    assert due(person=manager.person) == [
        ("p-sponsor-before", "Tue 01 Sep 06:30"),
        ("p-sponsor-before", "Fri 04 Sep 06:30"),
        ("p-w1-prepare", "Fri 04 Sep 06:30"),
    ]
    assert due(person=manager.person.line_manager) == [
        ("p-sponsor-before.sponsor", "Tue 01 Sep 06:30"),
        ("p-sponsor-before.sponsor", "Fri 04 Sep 06:30"),
    ]


def test_a_row_says_all_that_sending_and_the_ledger_need(manager, w1):
    plan(MONDAY)
    message = row("p-w1-prepare")
    assert (message.enrolment, message.person, message.workshop, message.meeting) == (manager, manager.person, w1, None)
    assert (message.kind, message.channel, message.priority) == ("reminder", "email", Message.EVENT_REMINDER)
    assert message.occurrence_key == f"{w1.pk}:0:p-w1-prepare:0"
    assert message.template_version == manager.cohort.programme_version.digest
    assert message.local_at == datetime(2026, 9, 4, 8, 30, tzinfo=UTC)
    assert message.due_at == datetime(2026, 9, 4, 6, 30, tzinfo=UTC)
    assert message.expires_at == datetime(2026, 9, 8, 10, 0, tzinfo=UTC)


def test_planning_twice_changes_nothing(manager, w1):
    assert plan(MONDAY) > 0
    before = list(Message.objects.order_by("pk").values())
    assert [plan(MONDAY), plan(MONDAY + timedelta(seconds=40))] == [0, 0]
    assert list(Message.objects.order_by("pk").values()) == before


def test_what_has_gone_stays_as_it_was_and_comes_only_once(manager, w1):
    plan(MONDAY)
    friday = datetime(2026, 9, 4, 6, 31, tzinfo=UTC)
    Message.objects.filter(due_at__lte=friday, state=State.DUE).update(state=State.SENT, sent_at=friday)
    plan(friday)
    assert told(row("p-w1-prepare")) == (datetime(2026, 9, 4, 6, 30, tzinfo=UTC), "sent", "")


@pytest.mark.parametrize("state", ["draft", "planned", "cancelled", "archived"])
def test_a_cohort_that_nobody_has_joined_or_that_is_over_makes_no_rows(cohort, manager, w1, state):
    Cohort.objects.update(state=state)
    plan(MONDAY)
    assert Message.objects.count() == 0


def test_an_accepted_person_is_written_to_before_the_start(cohort, manager):
    Cohort.objects.update(state=Cohort.State.ENROLLING)
    Enrolment.objects.update(state=Enrolment.State.ACCEPTED, activated_at=None)
    plan(datetime(2026, 8, 5, 8, tzinfo=UTC))
    assert due() == [("p-pre-survey", "Mon 10 Aug 06:30")]


def test_somebody_who_accepts_a_little_later_still_gets_the_pre_study(cohort, manager):
    Cohort.objects.update(state=Cohort.State.ENROLLING)
    Enrolment.objects.update(state=Enrolment.State.ACCEPTED, activated_at=None)
    plan(datetime(2026, 8, 15, 8, tzinfo=UTC))
    assert ("p-pre-survey", "Mon 17 Aug 06:30") in due()


# --- Changes ---------------------------------------------------------------------------------------------------------
def test_a_small_move_takes_the_waiting_reminder_along_under_the_same_key(manager, w1):
    plan(MONDAY)
    message = row("p-w1-prepare")
    Workshop.objects.update(starts_at=W1 + timedelta(days=1), ends_at=W1 + timedelta(days=1, hours=6))
    assert replan(w1.cohort, MONDAY) > 0
    assert told(message) == (datetime(2026, 9, 7, 6, 30, tzinfo=UTC), "due", "")
    assert Message.objects.filter(template="p-w1-prepare").count() == 1


def test_a_new_generation_replaces_the_waiting_reminder(manager, w1):
    plan(MONDAY)
    old = row("p-w1-prepare")
    far = W1 + timedelta(days=1)
    Workshop.objects.update(starts_at=far, ends_at=far + timedelta(hours=6), move_generation=1)
    replan(w1.cohort, MONDAY + timedelta(hours=3))
    assert told(old)[1:] == ("cancelled", "replaced")
    assert row("p-w1-prepare", state=State.DUE).occurrence_key == f"{w1.pk}:1:p-w1-prepare:0"


def test_cancelling_a_workshop_cancels_what_waits_for_it_and_nothing_else(manager, w1):
    plan(MONDAY)
    sponsor, reminder = row("p-sponsor-before"), row("p-w1-prepare")
    Message.objects.filter(pk=sponsor.pk).update(state=State.SENT, sent_at=MONDAY)
    Workshop.objects.update(state=Workshop.State.CANCELLED)
    replan(w1.cohort, MONDAY)
    assert told(reminder)[1:] == ("cancelled", "event_cancelled")
    assert told(sponsor)[1:] == ("sent", "")
    assert due(template="p-w1-prepare") == []


def test_who_leaves_gets_nothing_more(manager, w1):
    plan(MONDAY)
    Enrolment.objects.update(state=Enrolment.State.WITHDRAWN)
    plan_enrolment(manager, MONDAY)
    assert due() == []
    assert set(Message.objects.filter(is_follow_up=False, channel="email").values_list("state", "reason")) == {
        ("cancelled", "not_enrolled"),
        ("suppressed", "cap"),
    }


def test_a_cancelled_cohort_loses_its_waiting_rows_at_the_next_pass(manager, w1):
    plan(MONDAY)
    Cohort.objects.update(state=Cohort.State.CANCELLED)
    plan(MONDAY)
    assert due() == []


def test_a_pause_holds_back_and_its_early_end_brings_back(manager, w1):
    plan(MONDAY)
    message = row("p-w1-prepare")
    Enrolment.objects.update(state="paused", paused_from=date(2026, 8, 31), paused_to=date(2026, 9, 30))
    plan_enrolment(manager, MONDAY)
    assert told(message)[1:] == ("suppressed", "paused")
    Enrolment.objects.update(state="active", paused_to=date(2026, 9, 1))
    plan_enrolment(manager, MONDAY + timedelta(days=1))
    assert told(message) == (datetime(2026, 9, 4, 6, 30, tzinfo=UTC), "due", "")


def test_another_time_of_day_moves_what_waits(manager, w1):
    plan(MONDAY)
    NotificationPreference.objects.create(person=manager.person, preferred_time="11:15")
    plan_enrolment(manager, MONDAY)
    assert told(row("p-w1-prepare"))[0] == datetime(2026, 9, 4, 9, 15, tzinfo=UTC)


def test_an_hour_that_has_passed_today_means_the_next_open_slot_and_not_tomorrow(manager, w1):
    NotificationPreference.objects.create(person=manager.person, preferred_time="12:00")
    plan(MONDAY)
    message = row("p-w1-prepare")
    assert told(message)[0] == datetime(2026, 9, 4, 10, 0, tzinfo=UTC)
    morning = datetime(2026, 9, 4, 7, 15, tzinfo=UTC)
    NotificationPreference.objects.update(preferred_time="08:30")
    plan(morning)
    assert told(message) == (morning, "due", "")
    assert plan(morning + timedelta(minutes=1)) == 0


def test_another_zone_moves_what_waits_and_nothing_that_has_gone(manager, w1):
    plan(MONDAY)
    sent = row("p-sponsor-before")
    Message.objects.filter(pk=sent.pk).update(state=State.SENT, sent_at=sent.due_at)
    type(manager.person).objects.filter(pk=manager.person.pk).update(timezone="America/Nuuk")
    plan(MONDAY)
    assert told(row("p-w1-prepare"))[0] == datetime(2026, 9, 4, 9, 30, tzinfo=UTC)
    assert told(sent)[1] == "sent"
    assert Message.objects.filter(template="p-sponsor-before", is_follow_up=False).count() == 1


def test_a_removed_question_is_called_off_and_the_others_follow_the_new_version(manager, w1, programme):
    plan(MONDAY)
    reminder, conversation = row("p-w1-prepare"), row("p-sponsor-before")
    kept = tuple(prompt for prompt in programme.prompts if prompt.key != "p-w1-prepare")
    newer = programme.model_copy(update={"prompts": kept})
    version = VersionFactory(number="1.1", snapshot=newer.model_dump(mode="json"), digest=digest_of(newer))
    Cohort.objects.update(programme_version=version)
    plan(MONDAY)
    assert told(reminder)[1:] == ("cancelled", "replaced")
    conversation.refresh_from_db()
    assert conversation.template_version == Cohort.objects.get().programme_version.digest


def test_a_new_line_manager_gets_the_waiting_message_instead(manager, w1):
    plan(MONDAY)
    manager.person.line_manager = successor = UserFactory()
    manager.person.save()
    plan_enrolment(manager, MONDAY)
    assert {one.person for one in Message.objects.filter(template="p-sponsor-before.sponsor")} == {successor}


@pytest.mark.parametrize(
    "put_off", [{"tries": 1, "due_at": MONDAY + timedelta(hours=1)}, {"state": State.CLAIMED, "claim": 1}]
)
def test_planning_leaves_alone_what_a_sender_has_in_hand(manager, w1, put_off):
    plan(MONDAY)
    message = row("p-sponsor-before")
    Message.objects.filter(pk=message.pk).update(**put_off)
    message.refresh_from_db()
    before = told(message)
    plan(MONDAY)
    assert told(message) == before


# --- Late joiners ----------------------------------------------------------------------------------------------------
def test_a_late_joiner_gets_one_welcome_that_brings_three_questions(cohort, manager, w1):
    joined = datetime(2026, 10, 29, 12, 0, tzinfo=UTC)
    newcomer = EnrolmentFactory(cohort=cohort, activated_at=joined)
    plan_enrolment(newcomer, joined)
    welcome = Message.objects.get(enrolment=newcomer, kind=Message.Kind.WELCOME)
    assert (welcome.state, welcome.due_at) == ("due", joined)
    brought = Message.objects.filter(merged_into=welcome)
    assert set(brought.values_list("template", "state", "reason")) == {
        (key, "merged", "welcome") for key in ("p-b1-question", "p-c1-map", "p-a2-tuesday")
    }
    assert row("p-a1-courage", enrolment=newcomer).reason == "late_join"
    assert Message.objects.exclude(enrolment=newcomer).count() == 0
    assert plan_enrolment(newcomer, joined) == 0


# --- Several people, several cohorts ---------------------------------------------------------------------------------
def test_the_cap_counts_what_another_cohort_sends(cohort, manager, w1):
    plan(MONDAY)
    other = CohortFactory(municipality=cohort.municipality, name="Et andet hold", state=Cohort.State.CANCELLED)
    thursday = datetime(2026, 9, 3, 6, 30, tzinfo=UTC)
    sent = {"state": State.SENT, "due_at": thursday, "sent_at": thursday}
    also = EnrolmentFactory(cohort=other, person=manager.person)
    MessageFactory(enrolment=also, local_at=datetime(2026, 9, 3, 8, 30, tzinfo=UTC), **sent)
    replan(cohort, thursday + timedelta(hours=4))
    assert told(row("p-w1-prepare")) == (datetime(2026, 9, 7, 6, 30, tzinfo=UTC), "due", "")


def test_a_group_is_reminded_of_its_own_meeting(cohort, manager):
    starts_at = datetime(2026, 9, 30, 7, tzinfo=UTC)
    group = GroupFactory(cohort=cohort)
    meeting = MeetingFactory(
        group=group, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), state="scheduled"
    )
    MembershipFactory(group=group, enrolment=manager)
    EnrolmentFactory(cohort=cohort)  # in no group
    plan(datetime(2026, 9, 22, tzinfo=UTC))
    assert {(one.enrolment, one.meeting) for one in Message.objects.filter(template="p-group-prep")} == {
        (manager, meeting)
    }


def queries(action):
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


def more_people(cohort, number):
    for _ in range(number):
        EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))


def test_planning_costs_the_same_queries_for_one_and_for_thirty(cohort, w1):
    more_people(cohort, 1)
    replan(cohort, MONDAY)  # the version is read once and kept
    assert queries(lambda: replan(cohort, MONDAY)) == 13
    more_people(cohort, 29)
    assert replan(cohort, MONDAY) == 29 * 6
    assert queries(lambda: replan(cohort, MONDAY)) == 13


def test_writing_costs_one_query_more_in_every_batch_the_database_takes(cohort, w1):
    more_people(cohort, 30)
    replan(cohort, MONDAY - timedelta(days=60))
    batches = -(-30 * 6 // connection.ops.bulk_batch_size(Message._meta.local_concrete_fields, range(30 * 6)))
    assert queries(lambda: replan(cohort, MONDAY)) == 13 + batches


@pytest.mark.parametrize(
    "wish",
    [{"pause_until": date(2026, 9, 20)}, {"digest": "weekly", "digest_day": 4}, {"preferred_time": time(14, 30)}],
)
def test_nobodys_row_is_missing_while_the_others_have_theirs(cohort, manager, w1, wish):
    """A row that came later than the others' would tell HR of a pause, or of a wish for one mail a week."""
    other = EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))
    NotificationPreference.objects.create(person=other.person, **wish)
    for day in range(14):
        plan(MONDAY + timedelta(days=day))
        asked = Message.objects.filter(is_follow_up=False).exclude(template__endswith=".sponsor")
        theirs, others = (set(asked.filter(enrolment=one).values_list("occurrence_key")) for one in (manager, other))
        assert others >= theirs


# --- Spread ----------------------------------------------------------------------------------------------------------
def test_the_spread_stays_inside_the_window_and_planning_again_keeps_it(settings, manager, w1):
    settings.SEND_SPREAD = 1200
    NotificationPreference.objects.create(person=manager.person, preferred_time="12:59")
    plan(MONDAY)
    message = row("p-w1-prepare")
    assert datetime(2026, 9, 4, 10, 59, tzinfo=UTC) <= message.due_at <= datetime(2026, 9, 4, 11, 0, tzinfo=UTC)
    assert message.local_at == datetime(2026, 9, 4, 12, 59, tzinfo=UTC)
    assert plan(MONDAY) == 0
