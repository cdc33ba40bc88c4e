"""Who asked is told that there is an answer, on pages alone, until they have opened it (MODEL §8, I7, I20)."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.experiments import observations
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.groups.peer_questions_page import places
from courseplatform.journal.models import InquiryQuestion
from courseplatform.journal.reflections import writing
from tests.factories import EnrolmentFactory, MembershipFactory, RoleFactory, UserFactory
from tests.journal.conftest import NOW
from tests.journal.trying import asked, running

pytestmark = pytest.mark.django_db
ANSWER = "Nok en, der bliver stående ved tavlen."
TOLD = "Du har fået et svar på dit spørgsmål"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(browser, name):
    return html.unescape(browser.get(reverse(name), follow=True).content.decode())


def answered(text, asker, author, words=ANSWER):
    question = asked(text, asker)
    peer_questions.answer(question, words, by=author.person, now=NOW)
    return question


def test_who_asked_is_told_where_they_look_and_nobody_else_is(signed_in, author, group, peer, written):
    entry = written("Delt", "group")
    answered(entry, peer.person, author)
    another = EnrolmentFactory(cohort=author.cohort)
    MembershipFactory(group=group, enrolment=another)
    hr = RoleFactory(person=UserFactory(), kind="hr").person
    for person in (author.person, another.person, hr, group.facilitator):
        assert sum(one.answers for one in places(person, unseen=False)) == 0

    browser, place = signed_in(peer.person), reverse("reflection", args=[entry.pk])
    for name in ("home", "group"):
        page = page_of(browser, name)
        assert page.count(TOLD) == 1
        assert f'href="{place}#spoergsmaal"' in page
        assert "Fra Leder, Engholm" in page
        assert ANSWER not in page
    assert ANSWER in html.unescape(browser.get(place).content.decode())
    assert [TOLD in page_of(browser, name) for name in ("home", "group")] == [False, False]


def test_each_kind_of_text_leads_to_where_the_answer_stands(signed_in, author, peer):
    experiment = running(author)
    observations.share(experiment, "group", NOW)
    for text in (experiment, InquiryQuestion.objects.get()):
        answered(text, peer.person, author)
    browser = signed_in(peer.person)

    page = page_of(browser, "home")
    for place in (reverse("experiment", args=[experiment.pk]), reverse("experiments-of", args=[author.pk])):
        assert place in page
        assert ANSWER in html.unescape(browser.get(place).content.decode())
    assert TOLD not in page_of(browser, "home")


def test_what_is_taken_back_is_not_told_and_another_answer_is_told_anew(signed_in, author, peer, written):
    entry, browser = written("Delt", "group"), signed_in(peer.person)
    question = answered(entry, peer.person, author)
    browser.get(reverse("reflection", args=[entry.pk]))
    peer_questions.take_answer_back(question, NOW)
    peer_questions.answer(question, "Og nu?", by=author.person, now=NOW + timedelta(minutes=1))
    assert TOLD in page_of(browser, "home")
    writing.take_back(entry)

    assert TOLD not in page_of(browser, "home")


def test_a_facilitator_who_asked_is_told_on_their_own_page(signed_in, author, group, written):
    answered(written("Delt", "facilitator"), group.facilitator, author)
    RoleFactory(person=group.facilitator, kind="facilitator")

    assert TOLD in page_of(signed_in(group.facilitator), "facilitator")
