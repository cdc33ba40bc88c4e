"""Questions and answers that waited on a phone: sent once, for those who were there, and nothing is lost (MODEL I8)."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.groups import peer_questions
from courseplatform.journal.models import PeerQuestion
from courseplatform.journal.reflections import writing
from tests.factories import EnrolmentFactory, MembershipFactory
from tests.journal.conftest import NOW
from tests.journal.test_peer_questions import ANSWER, WORDS, page_of
from tests.journal.trying import asked

pytestmark = pytest.mark.django_db
AUTOSAVE = {"X-Requested-With": "autosave"}


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def ask(browser, text, words=WORDS, **more):
    """As the page does by itself once its button was pressed."""
    posted = {"field-text": words, "kind": "question", "entry": str(uuid4()), "done": "1"} | more
    return browser.post(reverse("peer-ask", args=["refleksion", text.pk]), posted, headers=AUTOSAVE)


def test_what_waited_on_a_phone_is_asked_once_of_those_who_were_there_when_it_was_sent(
    signed_in, author, group, peer, written
):
    entry, browser, pk = written("Delt", "group"), signed_in(peer.person), str(uuid4())
    newcomer = EnrolmentFactory(cohort=author.cohort)
    MembershipFactory(group=group, enrolment=newcomer, joined_at=NOW - timedelta(minutes=10))
    writing.share(entry, "group", NOW)
    for _ in range(2):
        asked_quietly = ask(browser, entry, entry=pk, ago="3600")
        assert asked_quietly.json()["entry"] == reverse("reflection", args=[entry.pk])

    [question] = PeerQuestion.objects.all()
    assert question.asked_at == NOW - timedelta(hours=1)
    assert [list(PeerQuestion.objects.visible_to(one)) for one in (author.person, newcomer.person)] == [[question], []]
    assert page_of(browser.get(reverse("reflection", args=[entry.pk]))).count("Dit spørgsmål står ved teksten") == 1


def test_a_phone_that_says_it_waited_for_months_is_believed_for_two_weeks(signed_in, peer, written):
    ask(signed_in(peer.person), written("Delt", "group"), ago="9999999")
    assert PeerQuestion.objects.get().asked_at == NOW - timedelta(days=14)


def test_what_needs_its_writer_to_look_stays_on_the_phone(signed_in, author, peer, written):
    browser, entry = signed_in(peer.person), written("Delt", "group")
    advice = ask(browser, entry, "Har du prøvet at spørge?")
    theirs = ask(browser, entry, writer=str(author.person_id))
    question = asked(entry, peer.person)
    peer_questions.answer(question, ANSWER, by=author.person, now=NOW)
    place = reverse("peer-answer", args=[question.pk])
    again = signed_in(author.person).post(place, {"field-text": "Noget andet", "done": "1"}, headers=AUTOSAVE)

    assert [one.status_code for one in (advice, theirs, again)] == [422, 403, 422]
    assert PeerQuestion.objects.count() == 1


def test_of_two_devices_answers_both_stand_there_and_one_is_chosen(signed_in, author, peer, written):
    question, browser = asked(written("Delt", "group"), peer.person), signed_in(author.person)
    peer_questions.answer(question, ANSWER, by=author.person, now=NOW)
    place, mine = reverse("peer-answer", args=[question.pk]), {"field-text": "Fra telefonen"}
    page = browser.post(place, mine)
    assert page.status_code == 422
    assert ANSWER in page_of(page)
    assert "Fra telefonen" in page_of(page)
    browser.post(place, mine | {"keep": "other"})
    assert peer_questions.answer_to(PeerQuestion.objects.get(), author.person) == ANSWER

    seen = page.context["edition"]
    for words in ("Fra telefonen", "Fra en tredje"):  # the last one has not seen what stands there by then
        browser.post(place, {"field-text": words, "instead": seen})
    assert peer_questions.answer_to(PeerQuestion.objects.get(), author.person) == "Fra telefonen"
