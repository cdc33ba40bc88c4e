"""Fjordby, built once for all tests here, as if today were a Tuesday in the ninth week."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from courseplatform.cohorts.models import Cohort, Enrolment, LearningGroup, LessonProgress, Substitution, Workshop
from courseplatform.journal.models import (
    DateAnswer,
    Experiment,
    InquiryQuestion,
    Insight,
    PeerQuestion,
    Project,
    Reflection,
)
from courseplatform.outbox.models import Message, Outage, Pulse
from courseplatform.people.models import User
from demo.cohort import starts_on
from demo.people import PASSWORD, SHOWN
from demo.trying import weekday
from tests.factories import EnrolmentFactory

TODAY = datetime(2026, 10, 27, 10, tzinfo=UTC)  # 11:00 in Copenhagen, the day before the second workshop


@pytest.fixture(scope="module")
def fjordby(django_db_setup, django_db_blocker, module_now):
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", verbosity=0)
        yield Cohort.objects.get()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_now():
    import time_machine

    with time_machine.travel(TODAY, tick=False):
        yield TODAY


@pytest.fixture(autouse=True)
def reads_fjordby(fjordby, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def person(key):
    return User.objects.get(email=f"{key}@fjordby.example")


def test_the_second_workshop_is_tomorrow_and_the_cohort_runs(fjordby):
    assert fjordby.starts_on == date(2026, 8, 31)
    assert fjordby.state == Cohort.State.RUNNING
    assert fjordby.enrolments.filter(state=Enrolment.State.ACTIVE).count() == 24
    states = dict(fjordby.workshops.order_by("key").values_list("key", "state"))
    assert states == dict.fromkeys(["w2", "w3", "w4", "w5"], Workshop.State.SCHEDULED) | {"w1": Workshop.State.HELD}


@pytest.mark.parametrize("day", range(1, 29))
def test_the_workshop_lies_one_to_seven_days_ahead_whatever_the_day(day):
    now = datetime(2027, 2, day, 12, tzinfo=UTC)
    start = starts_on(now)
    ahead = (date.fromordinal(start.toordinal() + 58) - now.date()).days
    assert start.weekday() == 0
    assert 1 <= ahead <= 7


def test_every_mail_of_the_past_was_sent_on_its_own_day():
    sent = Message.objects.filter(state=Message.State.SENT, kind="prompt")
    assert sent.count() > 50
    assert {message.sent_at - message.due_at < TODAY - TODAY.replace(hour=0) for message in sent} == {True}
    assert not Message.objects.filter(state=Message.State.DUE, due_at__lt=TODAY).exists()


def test_the_mails_never_stood_still(fjordby):
    assert not Outage.objects.exists()
    assert Pulse.objects.get().catching_up_since is None


def test_everybody_visitors_can_be_signs_in_with_the_shown_password():
    assert [person(one.key).check_password(PASSWORD) for one in SHOWN] == [True] * 6


def test_there_is_something_to_do_for_the_manager():
    waiting = Message.objects.unanswered().filter(person=person("m08"), kind="prompt", expires_at__gt=TODAY)
    assert "p-a2-tuesday" in set(waiting.values_list("template", flat=True))
    assert LessonProgress.objects.get(enrolment__person=person("m08"), lesson_key="a2-1").state == "in_progress"


def test_some_share_and_most_keep_it_to_themselves():
    shared = Reflection.objects.shared_with(person("m08"))
    assert shared.filter(author=person("m16")).exists()
    assert Reflection.objects.shared_with(person("f2")).exists()
    assert Reflection.objects.shared_with(person("h1")).count() == 0


def test_the_managers_are_at_every_stop_of_an_experiments_way():
    states = Counter(Experiment.objects.values_list("state", flat=True))
    assert states == {"idea": 4, "planned": 3, "running": 5, "done": 2, "stopped": 1, "reflected": 5}
    stopped_and_thought_through = Experiment.objects.filter(state="reflected", was_stopped=True)
    assert {one.author for one in stopped_and_thought_through} == {person("m07"), person("m16")}
    assert InquiryQuestion.objects.count() == 24
    assert Project.objects.by(person("m08")).get().questions.count() == 2


def test_the_manager_visitors_are_is_on_a_second_try_that_ends_today():
    experiment = Experiment.objects.by(person("m08")).get(state="running")
    assert (experiment.iteration, experiment.due_on) == (2, date(2026, 10, 27))
    assert experiment.predecessor.state == "reflected"
    assert Reflection.objects.by(person("m08")).filter(experiment=experiment.predecessor).count() == 1
    assert Experiment.objects.opened_to(person("m08")).filter(enrolment__person=person("m04")).exists()


def test_the_group_asks_the_manager_visitors_are_and_others_let_them_learn(fjordby):
    asked = PeerQuestion.objects.to(person("m08"))
    assert Counter(asked.values_list("kind", flat=True)) == {"question": 2, "appreciation": 1}
    assert asked.filter(answered_at=None, seen_at=None, kind="question").count() == 1
    assert Insight.objects.by(person("m08")).get().visibility == "private"
    assert Insight.objects.shared_with(person("m08")).count() == 3
    assert Insight.objects.shared_with(fjordby.owner_hr).count() == 2


def test_a_held_meeting_has_what_was_promised_there_and_the_next_one_waits_for_an_answer():
    groups = {int(group.name[-1]): group for group in LearningGroup.objects.all()}
    assert [groups[number].agreements.get().state for number in (1, 2, 3, 4)] == ["adopted"] * 4
    first, second = (groups[4].meetings.get(key=key) for key in ("g1", "g2"))
    assert (first.state, first.commitments.count(), first.meetingnotes.count()) == ("held", 2, 1)
    answers = [proposal.answers.count() for proposal in second.proposals.all()]
    assert (second.state, answers) == ("proposed", [4, 4])
    assert not DateAnswer.objects.filter(enrolment__person=person("m08")).exists()


def test_one_seat_is_a_colleagues_and_one_waits_for_hr():
    seats = Substitution.objects.order_by("state").values_list("state", "enrolment__person", "substitute")
    assert list(seats) == [("asked", person("m14").pk, None), ("stands", person("m06").pk, person("k1").pk)]


@pytest.mark.parametrize("today", [date(2026, 10, 23), date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)])
def test_a_story_counts_weekdays_from_today_or_from_monday(today):
    base = date(2026, 10, 23) if today.day == 23 else date(2026, 10, 26)
    assert weekday(today, 0) == base
    assert weekday(today, -1) == date(2026, 10, 22 if today.day == 23 else 23)
    assert weekday(today, 5) == base + timedelta(days=7)


def test_a_second_run_changes_nothing(fjordby):
    before = _counted()
    call_command("seed_demo", verbosity=0)
    assert _counted() == before


def _counted():
    counts = [model.objects.count() for model in (Message, User, Experiment, Reflection, DateAnswer, Substitution)]
    return counts, Cohort.objects.latest("updated_at").updated_at


def test_it_refuses_a_database_with_real_enrolments():
    with transaction.atomic():
        EnrolmentFactory(cohort__programme_version=Cohort.objects.get().programme_version)
        with pytest.raises(CommandError, match="real enrolments"):
            call_command("seed_demo", verbosity=0)
        transaction.set_rollback(True)
