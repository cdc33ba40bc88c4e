"""A database from a backup sends nothing until an operator has looked, and then nothing twice (DELIVERY §12 S3)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import translation

from courseplatform.outbox.models import Claim, Message, Outage, Pulse
from courseplatform.outbox.relay import relays
from courseplatform.outbox.sending import restoring, sent_mark
from courseplatform.outbox.sending.going_ahead import go_ahead
from courseplatform.people.refusals import Refusal
from tests.factories import EnrolmentFactory, MessageFactory
from worker import ticks

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
UNHEARD_OF = 10**9  # a claim later than any this database has made: PostgreSQL counts on from test to test


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.VAR, settings.REDIS_URL = tmp_path, ""
    return tmp_path


@pytest.fixture
def restored(db):
    """As the first tick finds it: the senders were at work until Tuesday, the backup is from an hour before."""
    Pulse.objects.create(pk=1, dispatched_at=TUESDAY - HOUR)
    pulse = Pulse.objects.get()
    sent_mark.remember(sent_mark.Mark(pulse.database, UNHEARD_OF, TUESDAY))
    return pulse


def state_of(message):
    message.refresh_from_db()
    return message.state, message.reason


def test_nothing_is_sent_planned_or_freed_on_a_database_that_knows_less(restored, mailoutbox, caplog):
    message = MessageFactory(due_at=TUESDAY)
    claimed = MessageFactory(state="claimed", claim=Claim.objects.create(made_at=TUESDAY, lease_until=TUESDAY).pk)

    ticks.whole_pass(TUESDAY + HOUR)

    assert mailoutbox == []
    assert state_of(message) == ("due", "")
    assert state_of(claimed) == ("claimed", "")
    assert Message.objects.count() == 2
    pulse = Pulse.objects.get()
    assert (pulse.stopped_at, pulse.stopped_because) == (TUESDAY + HOUR, "restored")
    assert (pulse.planned_at, pulse.dispatched_at, pulse.reaped_at) == (None, TUESDAY - HOUR, None)
    assert [record.levelname for record in caplog.records if "STOPPED" in record.message] == ["CRITICAL"]


def test_a_sender_that_is_already_running_stops_as_well(restored, mailoutbox):
    from courseplatform.outbox.sending.batches import send_due

    MessageFactory(due_at=TUESDAY)

    assert not send_due(TUESDAY + HOUR)
    assert mailoutbox == []


def test_what_the_senders_took_in_hand_is_not_sent_again_and_the_rest_goes_on(restored, mailoutbox):
    gone, later = MessageFactory(due_at=TUESDAY), MessageFactory(due_at=TUESDAY + timedelta(minutes=1))
    ticks.whole_pass(TUESDAY + HOUR)

    assert restoring.confirm(TUESDAY + HOUR) == 1
    ticks.whole_pass(TUESDAY + HOUR)

    assert state_of(gone) == ("suppressed", "restored")
    assert state_of(later) == ("sent", "")
    assert [mail.to for mail in mailoutbox] == [[later.person.email]]


def test_what_travelled_in_one_mail_with_it_is_not_sent_again_either(restored):
    gone = MessageFactory(due_at=TUESDAY)
    along = MessageFactory(enrolment=gone.enrolment, due_at=TUESDAY + 4 * HOUR)
    tomorrow = MessageFactory(enrolment=gone.enrolment, due_at=TUESDAY + 24 * HOUR)
    elsewhere = MessageFactory(due_at=TUESDAY + 4 * HOUR)
    event = MessageFactory(enrolment=gone.enrolment, kind="event", channel="calendar", due_at=TUESDAY + 4 * HOUR)
    ticks.whole_pass(TUESDAY + HOUR)

    assert restoring.confirm(TUESDAY + HOUR) == 2

    assert state_of(along) == ("suppressed", "restored")
    assert [state_of(one)[0] for one in (tomorrow, elsewhere, event)] == ["due", "due", "due"]


def test_what_a_sender_held_at_the_backup_is_not_sent_again(restored):
    claim = Claim.objects.create(made_at=TUESDAY - 2 * HOUR, lease_until=TUESDAY - 2 * HOUR)
    held = MessageFactory(due_at=TUESDAY - 2 * HOUR, state="claimed", claim=claim.pk, claim_pos=0)
    ticks.whole_pass(TUESDAY + HOUR)

    restoring.confirm(TUESDAY + HOUR)
    ticks.whole_pass(TUESDAY + HOUR)

    assert state_of(held) == ("suppressed", "restored")
    assert (held.maybe_sent, held.claim) == (True, None)


def test_an_operator_may_say_that_mails_went_on_longer(restored):
    message = MessageFactory(due_at=TUESDAY + timedelta(minutes=30))
    ticks.whole_pass(TUESDAY + 2 * HOUR)

    assert restoring.confirm(TUESDAY + 2 * HOUR, TUESDAY + HOUR) == 1
    assert state_of(message) == ("suppressed", "restored")


def test_an_operator_may_say_that_no_mail_went(restored):
    message = MessageFactory(due_at=TUESDAY)
    ticks.whole_pass(TUESDAY + HOUR)

    restoring.release(TUESDAY + HOUR)
    ticks.whole_pass(TUESDAY + HOUR)

    assert state_of(message) == ("sent", "")


@pytest.mark.parametrize("decides", [restoring.confirm, restoring.release])
def test_it_goes_on_as_calmly_as_after_any_standstill(restored, mailoutbox, decides):
    ticks.whole_pass(TUESDAY + HOUR)
    change = MessageFactory(kind="event", channel="calendar", state="sent", sent_at=TUESDAY + HOUR)
    waits = MessageFactory(enrolment=change.enrolment, due_at=TUESDAY + HOUR)

    decides(TUESDAY + HOUR)
    ticks.send_tick(TUESDAY + HOUR)

    assert relays.allowance(TUESDAY + HOUR) < 0.2
    assert state_of(waits) == ("due", "")
    assert waits.due_at > TUESDAY + 12 * HOUR  # one mail a day


def test_messages_that_the_backup_had_not_heard_of_are_not_sent_a_second_time(db, mailoutbox):
    enrolment = EnrolmentFactory()
    monday = datetime(2026, 8, 31, 4, tzinfo=UTC)
    Pulse.objects.create(pk=1, dispatched_at=monday)
    lost_world = set(sent_between(monday, monday + 2 * WEEK))
    assert len(lost_world) > 3
    Message.objects.all().delete()
    Claim.objects.all().delete()
    Pulse.objects.update(planned_at=monday, dispatched_at=monday, reaped_at=monday)
    sent_mark.remember(sent_mark.Mark(Pulse.objects.get().database, UNHEARD_OF, monday + 2 * WEEK))
    ticks.whole_pass(monday + 2 * WEEK + HOUR)
    assert Message.objects.count() == 0

    restoring.confirm(monday + 2 * WEEK + HOUR)

    new_world = set(sent_between(monday + 2 * WEEK + 2 * HOUR, monday + 4 * WEEK))
    assert new_world
    assert not new_world & lost_world
    known = {key for key in lost_world if Message.objects.filter(**of(key), reason="restored").exists()}
    assert known == lost_world
    assert {mail.to[0] for mail in mailoutbox} == {enrolment.person.email}


def sent_between(start, end):
    for day in range((end - start).days + 1):
        ticks.whole_pass(start.replace(hour=11) + timedelta(days=day))
    arrived = Message.objects.filter(state__in=["sent", "merged"], sent_at__gte=start)
    return list(arrived.values_list("enrolment", "template", "occurrence_key"))


def of(key):
    return dict(zip(("enrolment", "template", "occurrence_key"), key, strict=True))


def test_hr_reads_of_it_in_one_line(restored):
    cohort = MessageFactory(due_at=TUESDAY).enrolment.cohort
    MessageFactory(due_at=TUESDAY + timedelta(minutes=30), enrolment__cohort=cohort)
    ticks.whole_pass(TUESDAY + HOUR)
    restoring.confirm(TUESDAY + HOUR)

    outage = Outage.objects.get()
    assert (outage.cohort, outage.late, outage.held_back) == (cohort, 1, 1)
    assert (outage.began_at, outage.ended_at) == (TUESDAY - HOUR, TUESDAY + HOUR)
    ticks.whole_pass(TUESDAY + 2 * HOUR)
    assert Outage.objects.count() == 1


def test_no_older_mark_on_any_machine_stops_it_again(restored, folder):
    ticks.whole_pass(TUESDAY + HOUR)
    elsewhere = sent_mark.file().read_text()
    restoring.confirm(TUESDAY + HOUR)
    sent_mark.file().write_text(elsewhere)

    assert go_ahead(TUESDAY + 2 * HOUR)


@translation.override("en")
def test_confirming_twice_is_refused_as_is_a_time_to_come(restored):
    ticks.whole_pass(TUESDAY + HOUR)
    with pytest.raises(Refusal, match="ahead"):
        restoring.confirm(TUESDAY + HOUR, TUESDAY + 2 * HOUR)
    restoring.confirm(TUESDAY + HOUR)
    with pytest.raises(Refusal, match="Nothing has stopped"):
        restoring.confirm(TUESDAY + HOUR)
    with pytest.raises(Refusal, match="Nothing has stopped"):
        restoring.release(TUESDAY + HOUR)


def test_where_every_mark_is_lost_an_operator_can_still_say_until_when_mails_went(db):
    Pulse.objects.create(pk=1, dispatched_at=TUESDAY - HOUR)
    gone = MessageFactory(due_at=TUESDAY - timedelta(minutes=15))
    assert restoring.doubt(TUESDAY) is None

    assert restoring.confirm(TUESDAY + HOUR, TUESDAY) == Message.objects.filter(reason="restored").count()
    assert state_of(gone) == ("suppressed", "restored")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"database": 7}', '{"claim": "x", "database": "y", "at": 1}'])
def test_a_mark_that_cannot_be_read_stops_nothing(text, db, caplog):
    sent_mark.file().write_text(text)

    assert go_ahead(TUESDAY)
    assert "cannot be read" in caplog.text


def test_the_mark_of_another_database_stops_nothing(db):
    Pulse.objects.create(pk=1)
    sent_mark.remember(sent_mark.Mark(uuid4(), UNHEARD_OF, TUESDAY))

    assert go_ahead(TUESDAY)


def test_a_folder_nobody_can_write_to_keeps_no_mail_back(db, settings, folder, mailoutbox, caplog):
    settings.VAR = folder / "missing"
    MessageFactory(due_at=TUESDAY)

    with_commits(lambda: ticks.send_tick(TUESDAY))

    assert len(mailoutbox) == 1
    assert "cannot be written" in caplog.text


def with_commits(work):
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        work()


def test_each_claim_leaves_its_mark_and_the_next_one_is_no_surprise(db):
    for hours in range(3):
        MessageFactory(due_at=TUESDAY)
        with_commits(lambda at=TUESDAY + hours * HOUR: ticks.send_tick(at))

    assert [(mark.database, mark.claim) for mark in sent_mark.marks()] == [
        (Pulse.objects.get().database, Claim.objects.latest("pk").pk)
    ]
    assert go_ahead(TUESDAY + 3 * HOUR)


def test_an_older_mark_never_takes_the_place_of_a_newer_one():
    name = uuid4()
    for claim in (5, 7, 6):
        sent_mark.remember(sent_mark.Mark(name, claim, TUESDAY))

    assert [mark.claim for mark in sent_mark.marks()] == [7]


def test_the_mark_asks_one_query_of_a_claim(db, django_assert_num_queries):
    Pulse.objects.create(pk=1)

    with django_assert_num_queries(1):
        go_ahead(TUESDAY)


# --- At the keyboard -------------------------------------------------------------------------------------------------
def confirm_restore(*options):
    from io import StringIO

    out = StringIO()
    with time_machine.travel(TUESDAY + HOUR, tick=False), translation.override("en"):
        call_command("confirm_restore", *options, stdout=out)
    return out.getvalue()


def test_the_command_says_how_many_are_not_sent_again(restored):
    MessageFactory(due_at=TUESDAY)
    ticks.whole_pass(TUESDAY + HOUR)

    assert "1 messages that may have gone" in confirm_restore()
    assert go_ahead(TUESDAY + HOUR)


def test_the_command_takes_the_operators_word_for_it(restored):
    message = MessageFactory(due_at=TUESDAY + timedelta(minutes=20))
    ticks.whole_pass(TUESDAY + HOUR)

    confirm_restore("--sent-until", "2026-10-27T09:30:00+01:00")

    assert state_of(message) == ("suppressed", "restored")


def test_the_command_lets_everything_go_when_nothing_had_gone(restored):
    message = MessageFactory(due_at=TUESDAY)
    ticks.whole_pass(TUESDAY + HOUR)

    confirm_restore("--nothing-sent")

    assert state_of(message) == ("due", "")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Nothing has stopped"),
        (["--nothing-sent"], "Nothing has stopped"),
        (["--sent-until", "yesterday"], "2026-10-27T07:30:00Z"),
        (["--sent-until", "2026-10-27T08:00:00"], "no zone"),
        (["--sent-until", "2026-12-27T08:00:00Z"], "lies ahead"),
    ],
)
def test_the_command_refuses_with_a_sentence(options, sentence, db):
    with pytest.raises(CommandError, match=sentence):
        confirm_restore(*options)
