"""From an experiment's own days to what its owner is asked, through the real planner (MODEL §13)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.urls import reverse

from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.reflections import writing
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.my_messages import coming
from tests.factories import CalendarPolicyFactory, EnrolmentFactory
from tests.journal.conftest import NOW
from tests.journal.trying import planned

pytestmark = pytest.mark.django_db
STARTS, ENDS = date(2026, 11, 2), date(2026, 11, 20)


@pytest.fixture(autouse=True)
def calendar():
    CalendarPolicyFactory()


def asked(enrolment, prompt):
    """State, reason and local day of the rows about experiments; the round's by its key, one's own as “mine”."""
    rows = Message.objects.filter(enrolment=enrolment, template=prompt, is_follow_up=False).order_by("due_at")
    return [("mine" if len(row.anchor) > 3 else row.anchor, row.state, row.reason, row.local_at.date()) for row in rows]


def test_the_days_follow_the_plan_the_end_and_the_idea(author):
    beside = EnrolmentFactory(cohort=author.cohort)
    experiment = planned(author)
    plan(NOW)
    assert asked(author, "p-action-ifthen") == [("mine", "due", "", date(2026, 10, 30))]

    begun = datetime(2026, 11, 2, 8, tzinfo=UTC)
    experiments.start(experiment, begun)
    stopped = datetime(2026, 11, 16, 12, tzinfo=UTC)
    plan(stopped - timedelta(hours=1))
    assert asked(author, "p-action-reflect") == [("mine", "due", "", date(2026, 11, 23))]
    experiments.stop(experiment, "Ferien kom i vejen", stopped)
    plan(stopped)
    # The day after the stop, and two days after another question of that week.
    assert asked(author, "p-action-reflect") == [("mine", "due", "", date(2026, 11, 19))]
    assert asked(beside, "p-action-reflect") == [("r1", "due", "", date(2026, 11, 23))]


def test_an_idea_again_gives_the_round_back(author):
    experiment, near_the_end = planned(author), datetime(2026, 11, 17, 9, tzinfo=UTC)
    plan(near_the_end)
    experiments.back_to_idea(experiment, near_the_end)
    plan(near_the_end)

    assert sorted(asked(author, "p-action-reflect")) == [
        ("mine", "cancelled", "replaced", date(2026, 11, 23)),
        ("r1", "due", "", date(2026, 11, 23)),
    ]


def test_an_idea_again_gives_the_round_back_that_was_called_off_for_it(author):
    near_the_end = datetime(2026, 11, 17, 9, tzinfo=UTC)
    plan(near_the_end)
    experiment = planned(author)
    plan(near_the_end)
    assert ("r1", "cancelled", "replaced", date(2026, 11, 23)) in asked(author, "p-action-reflect")
    experiments.back_to_idea(experiment, near_the_end)
    plan(near_the_end)

    assert ("r1", "due", "", date(2026, 11, 23)) in asked(author, "p-action-reflect")


def test_preview_and_what_i_get_follow(author):
    experiment = planned(author)
    about_the_end = [one for one in preview(author.cohort, NOW) if one.template == "p-action-reflect"]
    days = [mail.at.date() for mail in coming(author.person, NOW, most=None)]

    assert {one.occurrence_key.split(":")[0] for one in about_the_end} == {str(experiment.pk), "r2", "r3"}
    assert date(2026, 10, 30) in days


def test_the_answer_to_its_question_belongs_to_the_experiment(author, signed_in):
    experiment = planned(author)
    plan(NOW)
    message = Message.objects.get(enrolment=author, template="p-action-ifthen")
    page = signed_in(author.person).get(reverse("write", args=[message.pk])).content.decode()
    assert reverse("experiment", args=[experiment.pk]) in page
    entry = writing.begin(
        author, pk=uuid4(), message=message, prompt_key=message.template, model_key="free", on=NOW.date()
    )

    assert entry.experiment == experiment


@pytest.mark.parametrize("anchor", ["a2", str(UUID(int=5))])
def test_an_answer_to_another_question_belongs_to_none(author, message, anchor):
    planned(author)
    message.occurrence_key = f"{anchor}:0:p-a2-tuesday:0"
    entry = writing.begin(author, pk=uuid4(), message=message, prompt_key="", model_key="free", on=NOW.date())

    assert entry.experiment is None


def test_somebody_elses_experiment_is_never_it(author, peer, message):
    message.occurrence_key = f"{planned(peer).pk}:0:p-action-ifthen:0"
    entry = writing.begin(author, pk=uuid4(), message=message, prompt_key="", model_key="free", on=NOW.date())

    assert entry.experiment is None
