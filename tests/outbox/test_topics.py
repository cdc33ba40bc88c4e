"""What a subject line says a question belongs to."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from django.utils import translation

from courseplatform.outbox.writing.skeletons import written
from courseplatform.outbox.writing.topics import topic_of
from lessons.versions import publish
from tests.factories import CohortFactory, EnrolmentFactory, MessageFactory, WorkshopFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def everything(programme):
    """A cohort whose rules ask at each module and after each workshop."""
    prompt = programme.prompt("p-a2-tuesday")
    rules = [
        prompt.model_copy(update={"key": "each-module", "anchor": "module_open:*"}),
        prompt.model_copy(update={"key": "each-workshop", "anchor": "workshop:*"}),
    ]
    changed = programme.model_copy(update={"number": "9.9", "prompts": (*programme.prompts, *rules)})
    return CohortFactory(programme_version=publish(changed, note="", by=None, now=datetime(2026, 8, 1, tzinfo=UTC)))


def test_a_question_at_each_module_is_about_the_one_it_came_with(everything, programme):
    enrolment = EnrolmentFactory(cohort=everything)
    about = MessageFactory(enrolment=enrolment, template="each-module", occurrence_key="a2:0:each-module:0")

    with translation.override("en"):
        assert topic_of(about) == programme.module("a2").title.en


def test_a_question_after_each_workshop_is_about_the_one_it_came_with(everything, programme):
    workshop = WorkshopFactory(cohort=everything, key="w2")
    about = MessageFactory(enrolment=EnrolmentFactory(cohort=everything), template="each-workshop", workshop=workshop)

    with translation.override("en"):
        assert topic_of(about) == programme.workshop("w2").title.en


def test_a_mail_about_one_module_is_no_pattern_for_another(everything, programme, mailoutbox):
    enrolment = EnrolmentFactory(cohort=everything)
    for module in ("a1", "a2"):
        message = MessageFactory(
            enrolment=enrolment, template="each-module", occurrence_key=f"{module}:0:each-module:0"
        )
        mail = message_from_bytes(written(message, [], message.due_at).content, policy=default)
        assert programme.module(module).title.da in mail["Subject"]
