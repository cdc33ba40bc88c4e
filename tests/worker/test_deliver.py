from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.pulse import is_silent
from tests.factories import EnrolmentFactory, MessageFactory, WorkshopFactory
from worker import tasks, ticks
from worker.celery import app

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)


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


def test_an_idle_tick_asks_little(django_assert_num_queries):
    MessageFactory(due_at=TUESDAY + timedelta(days=1))
    ticks.send_tick(TUESDAY)

    with django_assert_num_queries(3):  # the pulse, the stamp, and the look
        ticks.send_tick(TUESDAY)
