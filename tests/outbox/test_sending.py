from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.outbox.models import BackOff, Message, WeeklyCount
from courseplatform.outbox.sending.batches import send_due
from courseplatform.people.models import NotificationPreference
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, 0, tzinfo=UTC)  # 09:00 in Copenhagen
State = Message.State


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_a_due_question_is_sent_once_even_if_two_passes_run(mailoutbox):
    message = MessageFactory()

    send_due(TUESDAY)
    send_due(TUESDAY)

    assert [mail.to for mail in mailoutbox] == [[message.person.email]]
    assert state_of(message) == (State.SENT, "")
    assert message.sent_at == TUESDAY


def test_nothing_is_sent_before_it_is_due(mailoutbox):
    message = MessageFactory()

    send_due(message.due_at - timedelta(seconds=1))

    assert mailoutbox == []


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"state": Enrolment.State.WITHDRAWN}, (State.CANCELLED, "not_enrolled")),
        ({"state": Enrolment.State.INVITED}, (State.CANCELLED, "not_enrolled")),
        ({"state": Enrolment.State.COMPLETED}, (State.CANCELLED, "not_enrolled")),
        ({"state": Enrolment.State.PAUSED}, (State.SUPPRESSED, "paused")),
        ({"paused_from": date(2026, 10, 20), "paused_to": date(2026, 10, 27)}, (State.SUPPRESSED, "paused")),
    ],
)
def test_an_enrolment_that_changed_after_planning_gets_nothing(mailoutbox, changes, outcome):
    message = MessageFactory()
    Enrolment.objects.filter(pk=message.enrolment_id).update(**changes)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"is_active": False}, (State.CANCELLED, "left")),
        ({"undeliverable_since": TUESDAY}, (State.SUPPRESSED, "undeliverable")),
    ],
)
def test_a_person_who_cannot_get_mail_gets_none(mailoutbox, changes, outcome):
    message = MessageFactory()
    type(message.person).objects.filter(pk=message.person_id).update(**changes)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == outcome


@pytest.mark.parametrize(
    ("wish", "reason"),
    [({"muted_classes": ["prompt"]}, "muted"), ({"pause_until": date(2026, 10, 27)}, "paused")],
)
def test_somebodys_own_wish_holds_a_question_back(mailoutbox, wish, reason):
    message = MessageFactory()
    NotificationPreference.objects.create(person=message.person, **wish)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.SUPPRESSED, reason)


@pytest.mark.parametrize(
    ("kind", "last", "outcome"),
    [
        ("prompt", date(2026, 10, 27), (State.SUPPRESSED, "quiet")),
        ("prompt", date(2026, 10, 26), (State.SENT, "")),
        ("reminder", date(2026, 10, 27), (State.SENT, "")),
    ],
)
def test_a_question_claimed_when_the_quiet_began_is_not_asked_any_more(mailoutbox, kind, last, outcome):
    message = MessageFactory(kind=kind)
    long_ago = {"began_at": TUESDAY - timedelta(days=90), "decided_at": TUESDAY - timedelta(days=80)}
    BackOff.objects.create(person=message.person, quiet_until=date(2026, 8, 1), **long_ago)
    BackOff.objects.create(person=message.person, quiet_until=last, began_at=TUESDAY - timedelta(days=1))

    send_due(TUESDAY)

    assert state_of(message) == outcome


def test_an_ended_pause_holds_nothing_back(mailoutbox):
    message = MessageFactory()
    NotificationPreference.objects.create(person=message.person, pause_until=date(2026, 10, 26))

    send_due(TUESDAY)

    assert len(mailoutbox) == 1


@pytest.mark.parametrize("state", [Cohort.State.CANCELLED, Cohort.State.ARCHIVED])
def test_a_cohort_that_is_off_sends_nothing(mailoutbox, state):
    message = MessageFactory(enrolment__cohort__state=state)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.CANCELLED, "cohort_cancelled")


def test_a_reminder_of_a_cancelled_workshop_is_not_sent(mailoutbox):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort, state=Workshop.State.CANCELLED)
    message = MessageFactory(enrolment=enrolment, kind="reminder", template="p-w2-prepare", workshop=workshop)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.CANCELLED, "event_cancelled")


def test_those_who_have_accepted_are_written_to_from_28_days_before_the_start(mailoutbox):
    early = datetime(2026, 8, 3, 7, tzinfo=UTC)  # a Monday, 28 days before
    enrolment = EnrolmentFactory(state=Enrolment.State.ACCEPTED, cohort__state=Cohort.State.ENROLLING)
    times = {"kind": "survey", "template": "p-pre-survey", "expires_at": early + timedelta(days=20)}
    too_early = MessageFactory(enrolment=enrolment, due_at=early - timedelta(days=3), **times)
    send_due(early - timedelta(days=3))
    in_time = MessageFactory(enrolment=enrolment, due_at=early, **times)
    send_due(early)

    assert state_of(too_early) == (State.CANCELLED, "not_enrolled")
    assert state_of(in_time) == (State.SENT, "")
    assert len(mailoutbox) == 1


def test_a_completed_participant_still_gets_surveys_for_120_days(mailoutbox):
    enrolment = EnrolmentFactory(state=Enrolment.State.COMPLETED, cohort__state=Cohort.State.COMPLETED)
    at = datetime(2027, 10, 1, 8, tzinfo=UTC)  # a Friday; the programme ended on 4 June, 119 days before
    survey = {"enrolment": enrolment, "kind": "survey", "template": "p-follow-up", "local_at": at}
    first = MessageFactory(due_at=at, expires_at=at + timedelta(days=9), **survey)
    send_due(at)
    later = at + timedelta(days=4)
    second = MessageFactory(due_at=later, expires_at=later + timedelta(days=9), **survey)
    send_due(later)

    assert state_of(first) == (State.SENT, "")
    assert state_of(second) == (State.CANCELLED, "not_enrolled")


def test_a_follow_up_is_not_sent_once_the_question_is_answered_or_waved_away(mailoutbox):
    first = MessageFactory(occurrence_key="w1:0:p-w1-after:0", template="p-w1-after", state=State.SENT)
    again = MessageFactory(
        enrolment=first.enrolment, occurrence_key="w1:0:p-w1-after:1", template="p-w1-after", is_follow_up=True
    )
    Message.objects.filter(pk=first.pk).update(dismissed_at=TUESDAY)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(again) == (State.SUPPRESSED, "answered")


def test_a_message_whose_time_is_over_is_held_back(mailoutbox):
    message = MessageFactory(expires_at=TUESDAY)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.SUPPRESSED, "stale")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (datetime(2026, 10, 27, 18, tzinfo=UTC), datetime(2026, 10, 28, 7, 30, tzinfo=UTC)),  # evening
        (datetime(2026, 10, 30, 13, tzinfo=UTC), datetime(2026, 11, 2, 7, 30, tzinfo=UTC)),  # Friday afternoon
        (datetime(2026, 10, 24, 8, tzinfo=UTC), datetime(2026, 10, 26, 7, 30, tzinfo=UTC)),  # over the clock change
    ],
)
def test_outside_the_send_window_a_message_waits_for_the_next_open_slot(mailoutbox, moment, opens):
    message = MessageFactory(due_at=moment, local_at=moment)

    send_due(moment)

    assert mailoutbox == []
    assert state_of(message) == (State.DUE, "")
    assert message.due_at == opens


def test_two_questions_of_the_same_day_become_one_mail_with_both(mailoutbox):
    first = MessageFactory(template="p-a2-tuesday")
    second = MessageFactory(enrolment=first.enrolment, template="p-c1-map", due_at=TUESDAY + timedelta(hours=2))

    send_due(TUESDAY)

    assert len(mailoutbox) == 1
    assert f"/besked/{first.pk}/" in mailoutbox[0].body
    assert f"/besked/{second.pk}/" in mailoutbox[0].body
    assert state_of(first) == (State.SENT, "")
    assert state_of(second) == (State.MERGED, "")
    assert second.merged_into == first
    assert WeeklyCount.objects.get(person=first.person).mails == 1


def test_a_person_on_two_cohorts_still_gets_one_mail_that_day(mailoutbox):
    first = MessageFactory()
    elsewhere = EnrolmentFactory(person=first.person, cohort__name="Et andet hold")
    MessageFactory(enrolment=elsewhere)

    send_due(TUESDAY)

    assert len(mailoutbox) == 1


def test_two_people_of_one_cohort_get_a_mail_each(mailoutbox):
    first = MessageFactory()
    MessageFactory(enrolment__cohort=first.enrolment.cohort)

    send_due(TUESDAY)

    assert len(mailoutbox) == 2


def test_the_third_mail_of_a_week_waits_for_the_next(mailoutbox):
    message = MessageFactory()
    iso = {"iso_year": 2026, "iso_week": 44}
    WeeklyCount.objects.create(person=message.person, mails=2, last_at=TUESDAY - timedelta(days=3), **iso)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.DUE, "")
    assert message.due_at == datetime(2026, 11, 2, 7, 30, tzinfo=UTC)


def test_mails_are_48_hours_apart(mailoutbox):
    message = MessageFactory()
    iso = {"iso_year": 2026, "iso_week": 44}
    WeeklyCount.objects.create(person=message.person, mails=1, last_at=TUESDAY - timedelta(hours=24), **iso)

    send_due(TUESDAY)

    assert mailoutbox == []
    assert state_of(message) == (State.DUE, "")
    assert message.due_at == TUESDAY + timedelta(hours=24)


def test_a_question_that_finds_no_place_in_seven_days_is_held_back(mailoutbox):
    message = MessageFactory(local_at=TUESDAY - timedelta(days=6))
    iso = {"iso_year": 2026, "iso_week": 44}
    WeeklyCount.objects.create(person=message.person, mails=2, last_at=TUESDAY - timedelta(days=3), **iso)

    send_due(TUESDAY)

    assert state_of(message) == (State.SUPPRESSED, "cap")


def test_a_message_nobody_can_write_is_held_and_its_neighbours_go_out(mailoutbox):
    cohort = EnrolmentFactory().cohort
    MessageFactory(enrolment__cohort=cohort)
    poison = MessageFactory(enrolment__cohort=cohort, template="p-no-such-prompt")
    MessageFactory(enrolment__cohort=cohort)

    send_due(TUESDAY)

    assert len(mailoutbox) == 2
    assert state_of(poison) == (State.HELD, "unwritable")


def test_a_line_break_in_a_name_breaks_one_mail_and_not_the_batch(mailoutbox):
    MessageFactory()
    Cohort.objects.update(name="Holdet\nBcc: alle@fjordby.example")
    healthy = MessageFactory()

    send_due(TUESDAY)

    assert [mail.to for mail in mailoutbox] == [[healthy.person.email]]
    assert Message.objects.filter(state=State.HELD).count() == 1


def test_a_sponsors_mail_speaks_to_the_sponsor(mailoutbox):
    sponsor = UserFactory(display_name="Fagchefen")
    enrolment = EnrolmentFactory(person__display_name="Mette Lund", person__line_manager=sponsor)
    texts = {"kind": "conversation", "enrolment": enrolment}
    MessageFactory(template="p-sponsor-mid.sponsor", person=sponsor, **texts)

    send_due(TUESDAY)

    assert mailoutbox[0].to == [sponsor.email]
    assert "Mette Lund" in mailoutbox[0].body
    assert "Mette" not in mailoutbox[0].subject
    assert "Din leder ser ikke dine refleksioner" not in mailoutbox[0].body


def test_a_mail_that_was_put_off_arrives_by_the_clock_of_where_its_reader_lives_now(mailoutbox):
    message = MessageFactory(due_at=TUESDAY)
    message.person.timezone = "America/Nuuk"  # five in the morning
    message.person.save()

    send_due(TUESDAY)

    message.refresh_from_db()
    assert mailoutbox == []
    assert message.due_at.astimezone(ZoneInfo("America/Nuuk")).strftime("%a %H:%M") == "Tue 08:30"
