from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.sending.pulse import is_silent
from tests.factories import EnrolmentFactory, MessageFactory, WorkshopFactory
from worker import tasks, ticks
from worker.celery import app
from worker.management.commands.deliver import Command

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)


BROKER = {"socket_timeout": 15, "socket_keepalive": True, "health_check_interval": 25, "visibility_timeout": 600}


def deliver(*options):
    out = StringIO()
    call_command("deliver", *options, stdout=out)
    return out.getvalue()


def test_one_pass_plans_sends_and_stamps(mailoutbox):
    enrolment = EnrolmentFactory()
    decisions = Message.objects.filter(enrolment=enrolment, template="p-a1-decisions")

    deliver("--now", "2026-09-07T04:00:00Z")
    assert decisions.get().state == "due"
    deliver("--now", "2026-09-10T06:30:00Z")

    assert decisions.get().sent_at == datetime(2026, 9, 10, 6, 30, tzinfo=UTC)
    assert [mail.to for mail in mailoutbox] == [[enrolment.person.email]]
    pulse, moment = Pulse.objects.get(), datetime(2026, 9, 10, 6, 30, tzinfo=UTC)
    assert (pulse.planned_at, pulse.dispatched_at, pulse.reaped_at) == (moment, moment, moment)


def test_a_week_of_passes_sends_each_message_once(mailoutbox):
    enrolment = EnrolmentFactory()
    WorkshopFactory(cohort=enrolment.cohort)
    start = datetime(2026, 10, 19, 5, tzinfo=UTC)
    for hours in range(0, 7 * 24, 2):
        ticks.whole_pass(start + timedelta(hours=hours))

    ids = [mail.extra_headers["Message-ID"] for mail in mailoutbox]
    assert len(ids) == len(set(ids))
    sent = Message.objects.filter(state="sent", channel="email")
    assert 1 <= sent.count() <= 2
    assert {mail.to[0] for mail in mailoutbox} == {enrolment.person.email}


def test_a_pass_again_at_the_same_instant_finds_nothing(mailoutbox):
    MessageFactory()

    deliver("--now", "2026-10-27T08:00:00Z")
    count = len(mailoutbox)

    assert "nothing due" in deliver("--now", "2026-10-27T08:00:00Z")
    assert len(mailoutbox) == count


def test_a_cohort_whose_day_has_come_begins():
    cohort = EnrolmentFactory(
        state=Enrolment.State.ACCEPTED, cohort__state=Cohort.State.ENROLLING, cohort__capacity_min=1
    ).cohort

    deliver("--now", "2026-08-31T03:59:59Z")
    assert Cohort.objects.get(pk=cohort.pk).state == Cohort.State.ENROLLING
    deliver("--now", "2026-08-31T04:00:00Z")

    assert Cohort.objects.get(pk=cohort.pk).state == Cohort.State.RUNNING


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01T00:00:00Z", "2026-10-27T08:00:00"])
def test_an_instant_nobody_understands_is_refused_with_an_example(text):
    with pytest.raises(CommandError, match="2026-10-27T07:30:00Z"):
        deliver("--now", text)


def test_time_is_moved_in_the_demo_only(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="demo"):
        deliver("--now", "2026-10-27T08:00:00Z")


def test_the_watch_rings_only_when_nobody_else_does():
    assert is_silent(TUESDAY)
    ticks.send_tick(TUESDAY)

    assert not is_silent(TUESDAY + timedelta(seconds=60))
    assert is_silent(TUESDAY + timedelta(seconds=61))


def test_the_timetable_is_three_entries_without_arguments():
    seconds = {name: entry["schedule"].total_seconds() for name, entry in app.conf.beat_schedule.items()}

    assert seconds == {"plan": 60, "dispatch": 15, "reap": 30}
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in {task.name for task in (tasks.plan, tasks.dispatch, tasks.reap)}
        assert "args" not in entry
        assert entry["options"]["expires"] == entry["schedule"].total_seconds()


@pytest.mark.parametrize("number", [1, 12])
def test_an_idle_plan_tick_asks_three_questions_however_many_cohorts_there_are(django_assert_num_queries, number):
    for cohort in range(number):
        EnrolmentFactory(cohort__name=f"Hold {cohort}")
    ticks.plan_tick(TUESDAY)

    with django_assert_num_queries(3):  # the pulse, whose turn it is, and the stamp
        ticks.plan_tick(TUESDAY + timedelta(minutes=1))


def test_an_idle_tick_asks_little(django_assert_num_queries):
    MessageFactory(due_at=TUESDAY + timedelta(days=1))
    ticks.send_tick(TUESDAY)

    with django_assert_num_queries(3):  # the pulse, the stamp, and the look
        ticks.send_tick(TUESDAY)


@pytest.mark.parametrize(("due", "senders"), [(0, 0), (1, 1), (3, 1), (4, 2), (50, 4)])
def test_dispatch_rings_for_as_many_senders_as_there_is_work_for(monkeypatch, due, senders):
    monkeypatch.setattr(ticks, "BATCH", 3)
    if due:
        MessageFactory.create_batch(due, enrolment=EnrolmentFactory())

    assert ticks.dispatch_tick(TUESDAY) == senders
    assert Pulse.objects.get().dispatched_at == TUESDAY


def test_the_worker_is_set_up_as_the_delivery_needs_it(settings):
    """DELIVERY §10: nothing is acknowledged late, kept as a result, or waited for without end."""
    conf = app.conf
    assert (conf.task_acks_late, conf.task_ignore_result, conf.worker_prefetch_multiplier) == (False, True, 1)
    assert (conf.task_serializer, conf.accept_content) == ("json", ["json"])
    assert (conf.task_soft_time_limit, conf.worker_soft_shutdown_timeout) == (90, 20)
    assert conf.worker_max_tasks_per_child == 1000
    assert (conf.broker_connection_retry_on_startup, conf.broker_connection_max_retries) == (True, None)
    if settings.REDIS_URL:
        assert {name: conf.broker_transport_options[name] for name in BROKER} == BROKER


# --- The watch -------------------------------------------------------------------------------------------------------
def at_the_watch():
    return Command(stdout=StringIO())


def test_the_watch_goes_on_until_somebody_else_rings():
    watch = at_the_watch()

    rang = watch.look(None)
    again = watch.look(rang)
    assert rang < again
    ticks.dispatch_tick(ticks.now())

    assert watch.look(again) is None


def test_the_watch_sends_though_planning_fails(mailoutbox, monkeypatch, caplog):
    message = MessageFactory(due_at=ticks.now() - timedelta(days=1), expires_at=ticks.now() + timedelta(days=9))

    def plan_tick(now):
        raise LookupError("a version is missing")

    monkeypatch.setattr(ticks, "TICKS", (plan_tick, *ticks.TICKS[1:]))

    assert at_the_watch().look(None) is not None

    assert "The watch could not finish plan_tick" in caplog.text
    message.refresh_from_db()
    assert message.state in ("sent", "due")  # sent, or waiting for the hours in which mail may leave
    assert Pulse.objects.get().reaped_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_watch_waits_for_a_database_that_is_away(caplog):
    watch, name = at_the_watch(), connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/nowhere/at/all" if connection.vendor == "sqlite" else "nowhere"
    try:
        assert watch.look(TUESDAY) == TUESDAY
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name

    assert "The database does not answer" in caplog.text
    assert watch.look(TUESDAY) > TUESDAY
