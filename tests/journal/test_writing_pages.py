"""Skriv, as a browser without JavaScript and as the page that saves by itself."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries, writing
from courseplatform.outbox.models import Message
from tests.factories import CohortFactory, EnrolmentFactory, MessageFactory
from tests.journal.conftest import NOW, SECRET

pytestmark = pytest.mark.django_db
CPR = "Fru Hansen, 010190-1234, ringede."
AUTOSAVE = {"headers": {"X-Requested-With": "autosave"}}


@pytest.fixture
def browser(signed_in, author):
    return signed_in(author.person)


@pytest.fixture
def address(message):
    return reverse("write", args=[message.pk])


def posted(text=SECRET, edition=0, **more):
    return {"edition": edition, "model": "free", "shown": "private", "visibility": "private", "field-text": text} | more


def page_of(response):
    return html.unescape(response.content.decode())


class TestWaysIn:
    def test_a_mails_link_opens_its_question_over_an_empty_field(self, browser, address):
        page = page_of(browser.get(address))

        assert "Beskriv en tirsdag om tre år" in page
        assert "Kun du kan læse dette." in page
        assert re.search(r'name="field-text"[^>]*>\s*</textarea>', page)

    def test_looking_writes_nothing(self, browser, address):
        browser.get(address)

        assert Reflection.objects.count() == 0

    def test_done_saves_it_privately_and_shows_it(self, browser, address, message):
        response = browser.post(address, posted(), follow=True)

        reflection = Reflection.objects.get()
        message.refresh_from_db()
        assert response.redirect_chain == [(reverse("reflection", args=[reflection.pk]), 302)]
        assert SECRET in page_of(response)
        assert (reflection.state, reflection.visibility, reflection.message) == ("saved", "private", message)
        assert message.answered_at is not None

    def test_sending_a_new_note_twice_makes_one_entry(self, browser):
        once = posted(entry=str(uuid4()))
        browser.post(reverse("write-free"), once)
        browser.post(reverse("write-free"), once)

        assert Reflection.objects.count() == 1

    def test_a_note_named_as_anothers_becomes_an_entry_of_its_own(self, browser, peer, written):
        others = written("naboens", by=peer)

        browser.post(reverse("write-free"), posted(entry=str(others.pk)))

        assert entries.fields_of(others)["text"] == "naboens"
        assert Reflection.objects.by(peer.person).count() == 1
        assert Reflection.objects.exclude(pk=others.pk).get().author != peer.person

    def test_the_lessons_question_is_answered_in_the_mails_place(self, browser, message, author):
        lesson = reverse("write-prompt", args=[author.cohort_id, message.template])

        assert browser.get(lesson).url == reverse("write", args=[message.pk])

    def test_a_text_posted_to_the_lessons_question_is_kept_though_a_mail_came_meanwhile(self, browser, message, author):
        lesson = reverse("write-prompt", args=[author.cohort_id, message.template])

        browser.post(lesson, posted(entry=str(uuid4())))

        reflection = Reflection.objects.get()
        assert entries.fields_of(reflection)["text"] == SECRET
        assert reflection.message == message

    def test_a_draft_begun_in_the_lesson_goes_on_there(self, browser, author, message):
        lesson = reverse("write-prompt", args=[author.cohort_id, message.template])
        Message.objects.update(sent_at=None, state="due")
        browser.post(lesson, posted(entry=str(uuid4())), **AUTOSAVE)
        Message.objects.update(sent_at=NOW, state="sent")

        assert SECRET in page_of(browser.get(lesson))
        browser.post(lesson, posted(edition=1, entry=str(uuid4())))
        assert Message.objects.get().answered_at is not None
        assert Reflection.objects.count() == 1

    @pytest.mark.parametrize("prompt", ["findes-ikke", "p-w1-before "])
    def test_an_unknown_question_is_not_found(self, browser, author, prompt):
        assert browser.get(f"/skriv/{author.cohort_id}/{prompt}/").status_code == 404

    def test_a_note_is_about_the_cohort_one_chooses(self, browser, author):
        other = EnrolmentFactory(person=author.person, cohort=CohortFactory())
        for enrolment in (author, other):
            browser.post(f"{reverse('write-free')}?hold={enrolment.cohort_id}", posted(entry=str(uuid4())))

        assert {one.enrolment_id for one in Reflection.objects.all()} == {author.pk, other.pk}

    def test_somebody_elses_question_is_not_found(self, signed_in, peer, address):
        browser = signed_in(peer.person)

        assert browser.get(address).status_code == browser.post(address, posted()).status_code == 404
        assert Reflection.objects.count() == 0

    def test_a_line_managers_message_about_it_opens_no_entry(self, signed_in, author, peer):
        message = MessageFactory(enrolment=author, person=peer.person, state="sent")

        assert signed_in(peer.person).get(reverse("write", args=[message.pk])).status_code == 404

    def test_the_answer_before_stands_below(self, browser, address, written):
        written("Det, jeg skrev sidst")

        assert "Det, jeg skrev sidst" in page_of(browser.get(address))

    @pytest.mark.parametrize(("ago", "heading"), [(13, "Du skrev onsdag"), (42, "Det skrev du for 6 uger siden")])
    def test_what_one_answered_to_the_same_before_comes_first(self, browser, address, message, written, ago, heading):
        akin = written("Om det samme", now=NOW - timedelta(days=ago))
        Reflection.objects.filter(pk=akin.pk).update(prompt_key=message.template)
        written("Noget helt andet", now=NOW)
        with time_machine.travel(NOW, tick=False):
            page = page_of(browser.get(address))

        assert heading in page
        assert '<p class="entry">Om det samme</p>' in page
        assert "Noget helt andet" not in page

    def test_nobody_elses_answer_to_it_stands_there(self, browser, address, message, peer, written):
        others = written("Naboens svar", "cohort", by=peer)
        Reflection.objects.filter(pk=others.pk).update(prompt_key=message.template)

        assert "Naboens svar" not in page_of(browser.get(address))

    def test_queries(self, browser, address, written, django_assert_num_queries):
        written("Det, jeg skrev sidst")
        browser.get(address)

        with django_assert_num_queries(QUERIES := 7):
            browser.get(address)
        for number in range(5):
            written(f"nummer {number}")
        with django_assert_num_queries(QUERIES):
            browser.get(address)


class TestWithoutLosingALine:
    @pytest.mark.parametrize("text", ["x" * 10_004, ""], ids=["too long", "empty"])
    def test_a_refused_text_is_still_in_the_field(self, browser, address, text):
        response = browser.post(address, posted(text))

        assert response.status_code == 422
        assert f">\n{text}</textarea>" in page_of(response)

    def test_it_says_how_much_too_long(self, browser, address):
        assert "Teksten er 4 tegn for lang." in page_of(browser.post(address, posted("x" * 10_004)))

    def test_control_characters_are_taken_out_and_the_rest_is_kept(self, browser, address):
        browser.post(address, posted("en\x00to\x1btre"))

        assert entries.fields_of(Reflection.objects.get())["text"] == "entotre"

    def test_the_page_keeps_a_draft_and_tells_its_edition(self, browser, address):
        response = browser.post(address, posted("halv"), **AUTOSAVE)

        assert response.json() == {"kept": True, "edition": 1}
        reflection = Reflection.objects.get()
        assert (reflection.state, entries.draft_of(reflection)) == ("draft", {"text": "halv"})
        assert "halv" in page_of(browser.get(address))

    def test_a_draft_answers_no_question(self, browser, address, message):
        browser.post(address, posted("halv"), **AUTOSAVE)

        message.refresh_from_db()
        assert message.answered_at is None

    def test_keeping_a_draft_shares_nothing(self, browser, address):
        browser.post(address, posted("halv", visibility="cohort"), **AUTOSAVE)

        assert Reflection.objects.get().visibility == "private"

    def test_done_right_after_the_page_has_kept_it_is_no_conflict(self, browser, address):
        browser.post(address, posted("ens"), **AUTOSAVE)

        assert browser.post(address, posted("ens")).status_code == 302

    def test_another_form_takes_the_text_along(self, browser, address):
        page = page_of(browser.post(address, posted("skrevet", switch="what-so-what")))

        assert "Hvad skete der?" in page
        assert re.search(r'name="field-what"[^>]*>\nskrevet</textarea>', page)

    def test_nothing_written_begins_nothing(self, browser, address):
        page = page_of(browser.post(address, posted("", switch="what-so-what")))
        kept = browser.post(address, posted("", model="what-so-what"), **AUTOSAVE)

        assert "Hvad skete der?" in page
        assert kept.json() == {"kept": True, "edition": 0}
        assert Reflection.objects.count() == 0

    def test_all_fields_of_a_form_are_kept_and_shown_with_their_headings(self, browser, address):
        texts = {"field-what": "en", "field-so_what": "to", "field-now_what": "tre"}
        sent = posted(model="what-so-what") | texts
        del sent["field-text"]
        page = page_of(browser.post(address, sent, follow=True))

        order = [page.index(words) for words in ("Hvad skete der?", ">en<", ">to<", "Hvad gør jeg nu?", ">tre<")]
        assert order == sorted(order)

    @pytest.mark.parametrize("model", ["", "findes-ikke"])
    def test_an_unknown_form_falls_back_and_loses_nothing(self, browser, address, model):
        browser.post(address, posted(model=model))

        assert entries.fields_of(Reflection.objects.get())["text"] == SECRET

    def test_without_an_edition_it_is_shown_again(self, browser, address):
        response = browser.post(address, {"field-text": SECRET, "model": "free"})

        assert response.status_code == 400
        assert SECRET in page_of(response)


class TestSignedOut:
    def test_a_text_that_comes_too_late_is_shown_and_stored_nowhere(self, client, address):
        response = client.post(address, posted())

        assert response.status_code == 401
        assert f">{SECRET}</textarea>" in page_of(response)
        assert Reflection.objects.count() == 0
        assert SECRET not in str(client.session.items())

    def test_the_page_that_saves_by_itself_is_told(self, client, address):
        assert client.post(address, posted(), **AUTOSAVE).status_code == 401

    def test_reading_asks_to_sign_in(self, client, address):
        assert client.get(address).url.startswith(reverse("account_login"))

    def test_signed_in_again_the_same_page_sends_it_even_with_its_old_token(self, author, address):
        browser = Client(enforce_csrf_checks=True)
        token = _token(browser.get(reverse("account_login")))
        shown = browser.post(address, posted(csrfmiddlewaretoken=token))
        assert shown.status_code == 401
        browser.force_login(author.person)
        browser.cookies.pop("csrftoken")  # signing in has given another one

        again = browser.post(address, _fields(shown))
        assert again.status_code == 403
        assert SECRET in page_of(again)
        saved = browser.post(address, _fields(again))

        assert saved.status_code == 302
        assert entries.fields_of(Reflection.objects.get())["text"] == SECRET


def _token(response):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page_of(response))[1]


def _fields(response):
    """What sending the kept text again from that page posts."""
    form = max(re.findall(r"<form.*?</form>", page_of(response), re.S), key=len)
    hidden = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', form))
    return hidden | dict(re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>\n?(.*?)</textarea>', form, re.S))


class TestCprNumbers:
    def test_a_private_text_is_kept_with_a_warning_and_saved_at_the_second_word(self, browser, address):
        response = browser.post(address, posted(CPR))
        assert response.status_code == 422
        assert "Det ligner et CPR-nummer" in page_of(response)
        assert Reflection.objects.get().state == "draft"

        browser.post(address, posted(CPR, 1, **{"cpr-seen": "1"}))
        assert entries.fields_of(Reflection.objects.get())["text"] == CPR

    def test_the_draft_is_never_held_up(self, browser, address):
        assert browser.post(address, posted(CPR), **AUTOSAVE).status_code == 200

    def test_no_second_word_shares_it(self, browser, address):
        response = browser.post(address, posted(CPR, visibility="group", **{"cpr-seen": "1"}))

        assert response.status_code == 422
        assert CPR in page_of(response)
        assert Reflection.objects.get().visibility == "private"


class TestChoosingReaders:
    def test_chosen_while_writing_it_counts_from_done(self, browser, address):
        page = page_of(browser.post(address, posted(visibility="facilitator"), follow=True))

        assert Reflection.objects.get().visibility == "facilitator"
        assert "Din læringsgruppe og dens facilitator kan læse dette." in page

    def test_a_page_opened_before_it_was_taken_back_leaves_it_private(self, browser, written):
        reflection = written(level="group")
        writing.take_back(reflection)

        text = posted("rettet", reflection.edition, shown="group", visibility="group")
        browser.post(reverse("reflection-edit", args=[reflection.pk]), text)

        assert Reflection.objects.get().visibility == "private"
        assert entries.fields_of(Reflection.objects.get())["text"] == "rettet"

    @pytest.mark.parametrize(
        ("level", "sentence"),
        [
            ("private", "Kun du kan læse dette."),
            ("group", "Din læringsgruppe kan læse dette."),
            ("facilitator", "Din læringsgruppe og dens facilitator kan læse dette."),
            ("cohort", "Hele holdet og din gruppes facilitator kan læse dette."),
        ],
    )
    def test_who_can_read_it_stands_beside_the_field(self, browser, written, level, sentence):
        reflection = written(level=level)
        page = page_of(browser.get(reverse("reflection-edit", args=[reflection.pk])))

        assert re.search(r'class="who">.*?<span>(.*?)</span>', page, re.S)[1] == sentence


@pytest.mark.parametrize("name", ["write-free", "log", "group"])
def test_no_cache_keeps_a_page_with_somebodys_words(browser, name):
    assert "no-store" in browser.get(reverse(name)).headers["Cache-Control"]
