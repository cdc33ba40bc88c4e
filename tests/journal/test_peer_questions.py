"""Questions from the group: who may ask, who reads them, and when they are gone (MODEL §8, I7, I8, I17, I20)."""

import html
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from courseplatform.cohorts.models import GroupMembership
from courseplatform.journal.experiments import observations
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.groups.peer_questions_page import asked_about
from courseplatform.journal.models import InquiryQuestion, PeerQuestion
from courseplatform.journal.own_copy import archive_of, copy_of
from courseplatform.journal.reflections import writing
from courseplatform.people.models import AuditEvent
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.refusals import Refusal
from tests.factories import EnrolmentFactory, GroupFactory, MembershipFactory, MessageFactory
from tests.journal.conftest import NOW
from tests.journal.trying import ask, asked, running
from worker import ticks

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=7)
WORDS = "Hvad tror du selv, aftenvagten mangler?"
ANSWER = "Nok en, der bliver stående ved tavlen."
CPR = "Er det ham med 010190-1234?"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def another(cohort, group):
    """One more in the group from the start."""
    enrolment = EnrolmentFactory(cohort=cohort, person__display_name="Leder, Kulturhus")
    MembershipFactory(group=group, enrolment=enrolment)
    return enrolment


def page_of(response):
    return html.unescape(response.content.decode()).replace("\xa0", " ")


def visible(person):
    return list(PeerQuestion.objects.visible_to(person))


def shared_texts(author, written):
    """One of each kind that can be asked about, as the address calls it."""
    experiment = running(author)
    observations.share(experiment, "group", NOW)
    wording = InquiryQuestion.objects.get(is_current=True)
    return {"refleksion": written("Delt", "group"), "spoergsmaal": wording, "proevehandling": experiment}


def may_ask(person, texts):
    found = {kind: peer_questions.KINDS[kind](person).filter(pk=text.pk).exists() for kind, text in texts.items()}
    return {kind for kind, is_found in found.items() if is_found}


def post(browser, kind, text, words=WORDS, as_="question", **more):
    posted = {"field-text": words, "kind": as_, "entry": str(uuid4())} | more
    return browser.post(reverse("peer-ask", args=[kind, text.pk]), posted)


class TestAsking:
    def test_the_group_may_ask_about_what_is_shared_with_it(self, author, peer, written):
        texts = shared_texts(author, written)
        outside = EnrolmentFactory(cohort=author.cohort).person

        assert may_ask(peer.person, texts) == set(texts)
        assert may_ask(author.cohort.facilitators.get(), texts) == {"spoergsmaal"}
        for person in (author.person, outside, author.cohort.owner_hr):
            assert may_ask(person, texts) == set()

    @pytest.mark.parametrize(
        ("level", "facilitator_asks", "peer_asks"),
        [("facilitator", True, True), ("cohort", False, False), ("private", False, False)],
    )
    def test_the_table_says_who_may_ask_about_an_entry(self, author, peer, written, level, facilitator_asks, peer_asks):
        texts = {"refleksion": written("Delt", level)}

        assert bool(may_ask(author.cohort.facilitators.get(), texts)) is facilitator_asks
        assert bool(may_ask(peer.person, texts)) is peer_asks

    def test_two_peers_at_once_and_a_double_tap_lose_nothing_and_double_nothing(self, author, peer, another, written):
        entry, pk = written("Delt", "group"), uuid4()
        for _ in range(2):
            peer_questions.ask(entry, pk, WORDS, "question", by=peer.person, now=NOW)
        asked(entry, another.person, "Og hvem spørger du først?", now=NOW + timedelta(seconds=1))

        assert [one.words for one in asked_about([entry], author.person, NOW)] == [WORDS, "Og hvem spørger du først?"]

    def test_other_words_from_an_old_page_are_kept_beside_the_first(self, author, peer, another, written):
        entry, pk = written("Delt", "group"), uuid4()
        peer_questions.ask(entry, pk, WORDS, "question", by=peer.person, now=NOW)
        peer_questions.ask(entry, pk, "Og så?", "question", by=peer.person, now=NOW)
        peer_questions.ask(entry, pk, WORDS, "question", by=another.person, now=NOW)

        assert sorted(one.words for one in asked_about([entry], author.person, NOW)) == [WORDS, WORDS, "Og så?"]

    @pytest.mark.parametrize(
        ("words", "kind"),
        [
            ("", "question"), ("Jeg ville bare gøre det.", "question"), ("?" * 301, "question"),
            ("a" * 281, "appreciation"), (CPR, "question"), (CPR, "appreciation"),
        ],
    )  # fmt: skip
    def test_a_question_or_an_appreciation_and_nothing_else(self, peer, written, words, kind):
        with pytest.raises(Refusal):
            asked(written("Delt", "group"), peer.person, words, kind)

        assert not PeerQuestion.objects.exists()

    def test_who_has_closed_is_not_asked_more(self, author, peer, written):
        entry = written("Delt", "group")
        asked(entry, peer.person)
        peer_questions.close(entry, is_closed=True)
        with pytest.raises(Refusal):
            asked(entry, peer.person)

        assert len(asked_about([entry], author.person, NOW)) == 1

    @pytest.mark.parametrize(
        ("words", "sounds_so"),
        [
            ("Har du prøvet at sige det?", True), ("Fint tænkt. Hvorfor ikke bare ringe?", True),
            ("Burde du ikke sige fra?", True), ("Have you tried asking?", True), ("– Couldn’t you ask HR?", True),
            ("Hvad har du prøvet?", False), ("Hvorfor er det vigtigt for dig?", False), ("Should it hurt?", False),
        ],
    )  # fmt: skip
    def test_advice_in_a_questions_clothes_is_heard(self, words, sounds_so):
        assert peer_questions.sounds_like_advice(words) is sounds_so


class TestReading:
    def test_the_author_and_the_group_read_it_and_nobody_else(self, author, peer, another, written):
        question = asked(written("Delt", "facilitator"), peer.person)
        outside = EnrolmentFactory(cohort=author.cohort)
        MembershipFactory(group=GroupFactory(cohort=author.cohort, name="En anden"), enrolment=outside)

        for person in (author.person, peer.person, another.person):
            assert visible(person) == [question]
        # The facilitator may read the entry, but not what was asked within the group.
        for person in (author.cohort.facilitators.get(), outside.person, author.cohort.owner_hr):
            assert visible(person) == []

    def test_what_is_taken_back_takes_its_questions_along_at_the_next_request(self, author, peer, another, written):
        entry = written("Delt", "group")
        question = asked(entry, peer.person)
        writing.take_back(entry)

        assert visible(another.person) == []
        assert visible(author.person) == [question]  # it was asked of them
        assert copy_of(peer.person, NOW)["asked_others"][0]["text"] == WORDS

    def test_a_new_wording_takes_the_old_ones_questions_along(self, author, peer, another):
        ask(author)
        question = asked(InquiryQuestion.objects.get(), peer.person)
        assert visible(another.person) == [question]
        ask(author, "Hvordan kan jeg få aftenvagten med?")

        assert (visible(another.person), visible(author.person)) == ([], [question])

    def test_it_follows_the_authors_present_group(self, author, group, peer, another, written):
        entry = written("Delt", "group")
        question = asked(entry, peer.person)
        newcomer = EnrolmentFactory(cohort=author.cohort)
        MembershipFactory(group=group, enrolment=newcomer, joined_at=NOW + timedelta(hours=1))
        writing.share(entry, "group", LATER)  # anew: the newcomer reads the entry, and not what was asked before
        assert visible(newcomer.person) == []
        stay = GroupMembership.objects.filter(enrolment=another)
        stay.update(left_at=LATER)
        assert visible(another.person) == []
        stay.update(left_at=None)

        moved_to = GroupFactory(cohort=author.cohort, name="Den nye")
        there = EnrolmentFactory(cohort=author.cohort)
        MembershipFactory(group=moved_to, enrolment=there)
        GroupMembership.objects.filter(enrolment=author).update(left_at=LATER)
        MembershipFactory(group=moved_to, enrolment=author, joined_at=LATER)
        assert peer_questions.KINDS["refleksion"](there.person).get() == entry
        assert visible(there.person) == visible(another.person) == []
        assert visible(author.person) == [question]

    def test_who_takes_theirs_back_keeps_it_alone(self, author, peer, another, written):
        entry = written("Delt", "group")
        question = asked(entry, peer.person)
        peer_questions.answer(question, ANSWER, by=author.person, now=NOW)
        for _ in range(2):
            peer_questions.withdraw(question, LATER)

        for person in (author.person, peer.person, another.person):
            assert asked_about([entry], person, LATER) == []
        assert copy_of(peer.person, NOW)["asked_others"][0]["text"] == WORDS
        assert copy_of(author.person, NOW)["answered_others"][0]["text"] == ANSWER

    def test_what_a_destroyed_key_sealed_is_shown_to_nobody(self, author, peer, another, written):
        entry = written("Delt", "group")
        asked(entry, peer.person)
        destroy_key(peer.person, NOW)

        assert [asked_about([entry], one.person, NOW) for one in (author, another, peer)] == [[], [], []]
        assert copy_of(peer.person, NOW)["asked_others"][0]["text"] is None

    def test_reading_is_written_down_once_a_day_for_each(self, author, peer, another, written):
        entry = written("Delt", "group")
        asked(entry, peer.person)
        for person in (author.person, another.person, another.person, peer.person):
            asked_about([entry], person, NOW)

        looks = AuditEvent.objects.filter(action="read", about=peer.person)
        assert {look.actor for look in looks} == {author.person, another.person}
        assert len(looks) == 2

    def test_an_answer_is_kept_once_and_can_be_taken_back(self, author, peer, written):
        question = asked(written("Delt", "group"), peer.person)
        for _ in range(2):
            peer_questions.answer(question, ANSWER, by=author.person, now=NOW)
        with pytest.raises(Refusal):
            peer_questions.answer(question, "Noget andet", by=author.person, now=NOW)
        assert asked_about([question.reflection], peer.person, NOW)[0].answer == ANSWER
        peer_questions.take_answer_back(question, NOW)

        assert asked_about([question.reflection], peer.person, NOW)[0].answer == ""

    def test_each_keeps_their_own_words_and_nobody_elses(self, author, peer, written):
        question = asked(written("Delt", "group"), peer.person)
        peer_questions.answer(question, ANSWER, by=author.person, now=NOW)

        assert WORDS.encode() not in archive_of(author.person, NOW)
        assert [one["text"] for one in copy_of(author.person, NOW)["answered_others"]] == [ANSWER]
        assert [one["text"] for one in copy_of(peer.person, NOW)["asked_others"]] == [WORDS]
        assert copy_of(peer.person, NOW)["answered_others"] == []


class TestPages:
    def test_asked_answered_and_taken_back_beside_each_kind_of_text(self, signed_in, author, peer, written):
        for kind, text in shared_texts(author, written).items():
            place = post(signed_in(peer.person), kind, text).url
            assert WORDS in page_of(signed_in(peer.person).get(place))
            question = PeerQuestion.objects.get(withdrawn_at=None)
            mine = f"{reverse('experiments')}?hold={author.cohort_id}"
            own_place = mine if kind == "spoergsmaal" else place
            browser = signed_in(author.person)
            assert WORDS in page_of(browser.get(own_place))
            answered = browser.post(reverse("peer-answer", args=[question.pk]), {"field-text": ANSWER})
            assert answered.url == own_place
            assert ANSWER in page_of(signed_in(peer.person).get(place))
            back = signed_in(peer.person).post(reverse("peer-take-back", args=[question.pk]), follow=True)
            assert WORDS not in page_of(back)
            assert WORDS not in page_of(signed_in(author.person).get(own_place))

    def test_a_hint_is_given_once_and_never_stands_in_the_way(self, signed_in, peer, written):
        browser, entry, advice = signed_in(peer.person), written("Delt", "group"), "Har du prøvet at spørge?"
        hint = post(browser, "refleksion", entry, advice)
        assert hint.status_code == 422
        assert "Det her lyder som et råd." in page_of(hint)
        assert advice in page_of(hint)

        assert post(browser, "refleksion", entry, advice, **{"hint-seen": "1"}).status_code == 302

    def test_what_is_no_question_comes_back_with_its_words(self, signed_in, peer, written):
        browser, entry = signed_in(peer.person), written("Delt", "group")
        response = post(browser, "refleksion", entry, "Stærkt, at du sagde det højt.")
        assert response.status_code == 422
        assert "Stærkt, at du sagde det højt." in page_of(response)

        assert post(browser, "refleksion", entry, "Stærkt, at du sagde det højt.", "appreciation").status_code == 302

    def test_no_typed_word_is_lost_when_the_text_is_gone_or_one_is_signed_out(self, client, signed_in, peer, written):
        entry = written("Delt", "group")
        signed_out = post(client, "refleksion", entry)
        writing.take_back(entry)
        gone = post(signed_in(peer.person), "refleksion", entry)

        assert (signed_out.status_code, gone.status_code) == (401, 404)
        assert WORDS in page_of(signed_out)
        assert WORDS in page_of(gone)

    def test_closing_takes_the_box_away(self, signed_in, author, peer, written):
        entry = written("Delt", "group")
        address = reverse("reflection", args=[entry.pk])
        assert "Stil et spørgsmål" in page_of(signed_in(peer.person).get(address))
        close = reverse("peer-close", args=["refleksion", entry.pk])
        assert "Du tager ikke imod flere" in page_of(signed_in(author.person).post(close, follow=True))
        closed = page_of(signed_in(peer.person).get(address))
        assert "Stil et spørgsmål" not in closed
        assert "tager ikke imod flere spørgsmål her" in closed
        signed_in(author.person).post(close, {"open": "1"})

        assert "Stil et spørgsmål" in page_of(signed_in(peer.person).get(address))

    def test_today_and_the_group_say_that_it_is_there_and_not_what_it_says(self, signed_in, author, peer, written):
        entry = written("Delt", "group")
        asked(entry, peer.person)
        asked(entry, peer.person, "Og så?")
        asked(entry, peer.person, "Modigt.", "appreciation")
        browser = signed_in(author.person)
        for name in ("home", "group"):
            page = page_of(browser.get(reverse(name)))
            assert "2 spørgsmål fra din gruppe · En anerkendelse fra din gruppe" in page
            assert f"{reverse('reflection', args=[entry.pk])}#spoergsmaal" in page
            assert WORDS not in page
        browser.get(reverse("reflection", args=[entry.pk]))

        assert "fra din gruppe" not in page_of(browser.get(reverse("home")))  # seen once, it is left in peace
        assert "2 spørgsmål fra din gruppe" in page_of(browser.get(reverse("group")))

    def test_no_mail_says_a_word_of_it(self, author, peer, written, mailoutbox):
        asked(written("Delt", "group"), peer.person)
        waiting = {"state": "due", "due_at": NOW, "expires_at": LATER}
        for enrolment in (author, peer):
            MessageFactory(enrolment=enrolment, **waiting)
        ticks.whole_pass(NOW + timedelta(minutes=1))

        assert len(mailoutbox) == 2
        assert not any("aftenvagten" in str(mail.message()) + mail.body for mail in mailoutbox)

    def test_the_queries_do_not_grow(self, signed_in, author, peer, written, django_assert_num_queries):
        entry, browser = written("Delt", "group"), signed_in(author.person)
        for _ in range(7):
            asked(entry, peer.person)
        browser.get(reverse("reflection", args=[entry.pk]))
        with django_assert_num_queries(8):
            browser.get(reverse("reflection", args=[entry.pk]))
