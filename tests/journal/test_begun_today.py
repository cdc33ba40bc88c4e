"""I dag offers what its reader has begun to write, without a word of it."""

from uuid import uuid4

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import writing
from courseplatform.outbox.models import Message
from lessons.versions import programme as programme_of
from tests.factories import EnrolmentFactory, MessageFactory
from tests.journal.test_today_page import TUESDAY, home

pytestmark = pytest.mark.django_db
SECRET = "Jeg tør ikke sige det højt"


@pytest.fixture
def enrolment(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)
    enrolment = EnrolmentFactory()
    programme_of(enrolment.cohort.programme_version.digest)  # read once per process
    return enrolment


@pytest.fixture
def browser(client, enrolment):
    client.force_login(enrolment.person)
    return client


def draft(enrolment, prompt_key="", text=SECRET):
    about = {"message": None, "prompt_key": prompt_key, "model_key": "free"}
    entry = writing.begin(enrolment, pk=uuid4(), on=TUESDAY.date(), **about)
    writing.keep_draft(entry, {"text": text}, edition=entry.edition, model_key="free")
    return entry


def test_a_draft_is_offered_without_a_word_of_it(browser, enrolment):
    entry = draft(enrolment, "p-a1-courage")
    html = home(browser)

    assert "Du er begyndt at skrive" in html
    assert reverse("reflection-edit", args=[entry.pk]) in html
    assert SECRET not in html


def test_what_was_typed_and_taken_out_again_is_nothing_to_go_on_with(browser, enrolment):
    draft(enrolment, text="")

    assert "Du er begyndt" not in home(browser)


def test_nobody_sees_that_another_has_begun(browser, enrolment):
    draft(EnrolmentFactory(cohort=enrolment.cohort))

    assert "Du er begyndt" not in home(browser)


def test_what_is_finished_or_deleted_is_no_draft(browser, enrolment):
    for state in ("saved", "deleted"):
        Reflection.objects.filter(pk=draft(enrolment).pk).update(state=state)

    assert "Du er begyndt" not in home(browser)


def test_a_question_whose_answer_is_begun_says_write_on(browser, enrolment):
    MessageFactory(enrolment=enrolment, state=Message.State.SENT)
    draft(enrolment, "p-a2-tuesday")
    html = home(browser)

    assert "Du er begyndt på dit svar" in html
    assert "Skriv videre" in html
