"""Two devices, no network, a sitting that is over: every text is kept, once, and the person chooses."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries
from tests.journal.conftest import SECRET
from tests.journal.test_writing_pages import AUTOSAVE, CPR, page_of, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(signed_in, author):
    return signed_in(author.person)


@pytest.fixture
def address(message):
    return reverse("write", args=[message.pk])


def on_two_devices(browser, address):
    """What the computer gets to see when the phone was faster."""
    browser.post(address, posted("på telefonen"), **AUTOSAVE)
    response = browser.post(address, posted("på computeren"))
    assert response.status_code == 409
    return response


def edition_in(page):
    return re.search(r'name="edition" value="(\d+)"', page)[1]


def draft():
    return entries.draft_of(Reflection.objects.get())["text"]


def history():
    return [entries.earlier(one)["text"] for one in Reflection.objects.get().revisions.all()]


class TestWithoutNetwork:
    """Done was pressed on a phone that had no network; the browser sends it by itself later."""

    def test_it_is_saved_once_however_often_it_comes(self, browser, address, message):
        for _again in range(3):
            response = browser.post(address, posted(done="1"), **AUTOSAVE)

        entry = Reflection.objects.get()
        message.refresh_from_db()
        assert response.json() == {"kept": True, "edition": 3, "entry": reverse("reflection", args=[entry.pk])}
        assert (entry.state, entry.visibility, draft(), history()) == ("saved", "private", SECRET, [])
        assert message.answered_at is not None

    def test_a_note_of_ones_own_is_made_once_by_its_name(self, browser):
        once = posted(entry=str(uuid4()), done="1")
        for _again in range(2):
            browser.post(reverse("write-free"), once, **AUTOSAVE)

        assert Reflection.objects.count() == 1

    @pytest.mark.parametrize("text", [CPR, "x" * 10_004, " "])
    def test_what_a_person_has_to_look_at_first_stays_a_draft(self, browser, address, text):
        response = browser.post(address, posted(text, done="1"), **AUTOSAVE)

        entry = Reflection.objects.get()
        assert response.json() == {"kept": True, "edition": 1, "look": reverse("reflection-edit", args=[entry.pk])}
        assert entry.state == "draft"

    def test_it_is_never_kept_in_the_name_of_the_next_one_to_sign_in(self, signed_in, peer, author):
        response = signed_in(peer.person).post(
            reverse("write-free"), posted(writer=str(author.person_id), done="1"), **AUTOSAVE
        )

        assert response.status_code == 403
        assert Reflection.objects.count() == 0

    @pytest.mark.parametrize("pressed", [{}, {"done": "1"}])
    def test_who_has_left_the_cohort_meanwhile_keeps_it(self, browser, author, pressed):
        Enrolment.objects.update(state="withdrawn")
        answer = browser.post(reverse("write-free"), posted(entry=str(uuid4())) | pressed, **AUTOSAVE)

        assert answer.json()["kept"]
        assert (draft(), Reflection.objects.get().enrolment) == (SECRET, author)
        assert SECRET in page_of(browser.get(reverse("log")))

    def test_who_was_never_on_one_keeps_it_on_the_phone(self, browser):
        Enrolment.objects.update(state="declined")

        assert browser.post(reverse("write-free"), posted(entry=str(uuid4())), **AUTOSAVE).status_code == 403

    def test_who_is_signed_in_is_told_to_them_alone(self, browser, author, client):
        told = browser.get(reverse("write-as"))
        assert told.json().keys() == {"person", "token"}
        assert told.json()["person"] == str(author.person_id)
        assert "no-store" in told.headers["Cache-Control"]
        browser.logout()
        assert browser.get(reverse("write-as")).status_code == 302

    def test_a_text_in_a_field_that_the_form_lacks_stands_in_the_first(self, browser, address):
        browser.post(address, posted("skrevet uden net", model="what-so-what", done="1"), **AUTOSAVE)

        assert entries.fields_of(Reflection.objects.get())["what"] == "skrevet uden net"


class TestTwoDevices:
    def test_two_devices_both_texts_are_shown_and_kept_before_anybody_chooses(self, browser, address):
        page = page_of(on_two_devices(browser, address))

        assert ">\npå computeren</textarea>" in page
        assert '<p class="entry">på telefonen</p>' in page
        assert (draft(), history()) == ("på telefonen", ["på computeren"])

    @pytest.mark.parametrize(
        ("choice", "stands", "stays"),
        [
            ("mine", "på computeren", {"på telefonen", "på computeren"}),
            ("other", "på telefonen", {"på computeren"}),
            ("both", "på telefonen\n\npå computeren", {"på computeren"}),
        ],
    )
    def test_of_two_texts_the_person_chooses(self, browser, address, choice, stands, stays):
        page = page_of(on_two_devices(browser, address))
        chosen = browser.post(address, posted("på computeren", edition_in(page), keep=choice), follow=True)

        assert chosen.status_code == 200
        assert (draft(), set(history())) == (stands, stays)
        assert Reflection.objects.get().state == ("saved" if choice == "mine" else "draft")
        assert stands in page_of(chosen)

    def test_a_third_text_that_comes_while_one_chooses_is_kept_too(self, browser, address):
        page = page_of(on_two_devices(browser, address))
        browser.post(address, posted("på tabletten", edition_in(page)), **AUTOSAVE)
        again = browser.post(address, posted("på computeren", edition_in(page), keep="both"))

        assert again.status_code == 409
        assert '<p class="entry">på tabletten</p>' in page_of(again)
        assert (draft(), history()) == ("på tabletten", ["på computeren"])

    def test_the_page_that_saves_by_itself_is_told_of_the_other_device(self, browser, address):
        browser.post(address, posted("på telefonen"), **AUTOSAVE)

        response = browser.post(address, posted("på computeren"), **AUTOSAVE)
        assert response.status_code == 409
        assert response.json() == {"kept": False, "edition": 1, "texts": {"field-text": "på telefonen"}}
        assert history() == []

    def test_a_browser_that_is_about_to_forget_its_text_puts_it_aside(self, browser, address):
        browser.post(address, posted("på telefonen"), **AUTOSAVE)
        browser.post(address, posted("på computeren", aside="1"), **AUTOSAVE)

        assert (draft(), history()) == ("på telefonen", ["på computeren"])

    def test_another_form_on_the_other_device_loses_no_field(self, browser, address):
        browser.post(address, posted("på telefonen", switch="what-so-what"))
        response = browser.post(address, posted("på computeren"))
        page = page_of(response)
        assert response.status_code == 409
        assert ">\npå computeren</textarea>" in page
        assert "på telefonen" in page

        edition = re.search(r'name="edition" value="(\d+)"', page)[1]
        shown = page_of(browser.post(address, posted("på computeren", edition, keep="mine"), follow=True))
        assert "på computeren" in shown
        assert "på telefonen" in shown  # in the history
