"""Logbog, one entry, and who has read it."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import entries, writing
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy import sealing
from tests.journal.conftest import NOW, SECRET
from tests.journal.trying import running

pytestmark = pytest.mark.django_db
NO_LONGER = "Ikke længere delt"


def page_of(response):
    return html.unescape(response.content.decode())


def address(reflection, name="reflection"):
    return reverse(name, args=[reflection.pk])


class TestLog:
    def test_it_says_what_will_stand_here_before_anything_does(self, signed_in, author):
        assert "Her finder du det, du skriver." in page_of(signed_in(author.person).get(reverse("log")))

    def test_ones_own_entries_stand_by_month_the_newest_first(self, signed_in, author, written):
        for number, days in enumerate((0, 40, 41)):
            written(f"nummer {number}", now=NOW - timedelta(days=days))
        page = page_of(signed_in(author.person).get(reverse("log")))

        order = ["oktober 2026", "nummer 0", "september 2026", "nummer 1", "nummer 2"]
        assert sorted(order, key=page.index) == order
        assert page.count("september 2026</h2>") == 1

    def test_nobody_elses_entries_stand_here_shared_or_not(self, signed_in, peer, written):
        written(SECRET, level="cohort")

        assert SECRET not in page_of(signed_in(peer.person).get(reverse("log")))

    def test_each_entry_says_who_can_read_it(self, signed_in, author, written):
        written("delt", level="group")
        written("ikke delt")
        page = page_of(signed_in(author.person).get(reverse("log")))

        assert "Din læringsgruppe kan læse dette." in page
        assert "Kun du kan læse dette." in page

    def test_what_one_shares_can_be_seen_by_itself(self, signed_in, author, written):
        written("delt", level="group")
        written("hemmelig")
        page = page_of(signed_in(author.person).get(reverse("log"), {"shared": ""}))

        assert ">delt<" in page
        assert "hemmelig" not in page

    def test_what_belongs_to_a_question_or_one_of_its_experiments_can_be_seen_by_itself(
        self, signed_in, author, written, reflect_on
    ):
        written("noget andet")
        one, other = running(author), running(author, title="Tie stille på mødet")
        reflect_on(one, "om tavlen")
        reflect_on(other, "om stilheden")
        browser = signed_in(author.person)
        page = page_of(browser.get(reverse("log"), {"proevehandling": one.pk}))

        assert ("om tavlen" in page, "om stilheden" in page, "noget andet" in page) == (True, False, False)
        ways = re.findall(r'<span>([^<]+)</span><span class="number">(\d+)</span>', page)
        assert ways == [("Alt", "3"), ("Tavlen", "2"), ("Tie stille på mødet", "1"), ("Spørg ved tavlen", "1")]
        assert "Du ser: Spørg ved tavlen (1)" in page
        assert "Om »Spørg ved tavlen«" in page
        page = page_of(browser.get(reverse("log"), {"spoergsmaal": one.project_id}))
        assert ("om tavlen" in page, "om stilheden" in page, "noget andet" in page) == (True, True, False)

    def test_somebody_elses_experiment_chooses_nothing(self, signed_in, author, peer, reflect_on):
        experiment = running(author)
        reflect_on(experiment, SECRET)
        page = page_of(signed_in(peer.person).get(reverse("log"), {"proevehandling": experiment.pk}))

        assert "Der er ikke skrevet noget om det endnu." in page
        assert "Spørg ved tavlen" not in page

    def test_an_empty_draft_says_so_and_can_be_gone_on_with_or_thrown_away(self, signed_in, author):
        draft = writing.begin(author, pk=uuid4(), message=None, prompt_key="", model_key="free", on=NOW.date())
        browser = signed_in(author.person)
        page = page_of(browser.get(reverse("log")))

        assert "Her står ikke noget endnu." in page
        assert f'href="{address(draft, "reflection-edit")}"' in page
        assert "Her står ikke noget endnu." in page_of(browser.get(address(draft)))
        browser.post(address(draft, "reflection-delete"))
        assert address(draft) not in page_of(browser.get(reverse("log")))

    def test_a_draft_with_a_line_in_it_is_not_offered_for_throwing_away(self, signed_in, author):
        draft = writing.begin(author, pk=uuid4(), message=None, prompt_key="", model_key="free", on=NOW.date())
        writing.keep_draft(draft, {"text": "en linje"}, edition=0)

        assert "Smid væk" not in page_of(signed_in(author.person).get(reverse("log")))

    def test_queries(self, signed_in, author, written, django_assert_num_queries):
        browser = signed_in(author.person)
        written("en")
        browser.get(reverse("log"))
        with django_assert_num_queries(QUERIES := 7):
            browser.get(reverse("log"))
        for number in range(12):
            written(f"nummer {number}")
        with django_assert_num_queries(QUERIES):
            browser.get(reverse("log"))

    def test_long_logs_come_in_pages(self, signed_in, author, written):
        for number in range(21):
            written(f"tekst {number:02}.", now=NOW - timedelta(days=number))
        browser = signed_in(author.person)

        assert "tekst 20." not in page_of(browser.get(reverse("log")))
        assert "tekst 20." in page_of(browser.get(reverse("log"), {"page": 2}))


class TestOnesOwnEntry:
    def test_history_is_for_the_author_alone(self, signed_in, author, peer, written):
        reflection = written("først sådan", level="group")
        writing.save(reflection, {"text": "så sådan"}, edition=reflection.edition, now=NOW)

        assert "først sådan" in page_of(signed_in(author.person).get(address(reflection)))
        theirs = page_of(signed_in(peer.person).get(address(reflection)))
        assert "så sådan" in theirs
        assert "først sådan" not in theirs

    def test_an_unfinished_edit_is_for_the_author_alone(self, signed_in, author, peer, written):
        reflection = written("færdig", level="group")
        writing.keep_draft(reflection, {"text": "halvvejs"}, edition=reflection.edition)

        assert "halvvejs" in page_of(signed_in(author.person).get(address(reflection)))
        assert "halvvejs" not in page_of(signed_in(peer.person).get(address(reflection)))

    def test_sharing_and_taking_back(self, signed_in, author, written):
        reflection = written()
        browser = signed_in(author.person)

        shared = browser.post(address(reflection, "reflection-share"), {"visibility": "group"}, follow=True)
        assert "Din læringsgruppe kan læse dette." in page_of(shared)
        assert Reflection.objects.get().visibility == "group"

        browser.post(address(reflection, "reflection-share"), {"visibility": "private"})
        assert Reflection.objects.get().visibility == "private"

    @pytest.mark.parametrize("name", ["reflection-share", "reflection-delete", "reflection-edit"])
    def test_nobody_else_may_share_delete_or_edit_not_even_who_may_read(self, name, signed_in, peer, written):
        reflection = written("min", level="group")
        posted = {"visibility": "cohort", "edition": 2, "field-text": "kapret", "model": "free"}

        assert signed_in(peer.person).post(address(reflection, name), posted).status_code == 404
        untouched = Reflection.objects.get()
        assert (untouched.visibility, untouched.state) == ("group", "saved")
        assert entries.fields_of(untouched) == {"text": "min"}

    @pytest.mark.parametrize("name", ["reflection-share", "reflection-delete"])
    def test_looking_changes_nothing(self, name, signed_in, author, written):
        assert signed_in(author.person).get(address(written(), name)).status_code == 405

    def test_a_cpr_number_is_not_shared_and_it_is_said_why(self, signed_in, author, written):
        reflection = written("010190-1234")
        browser = signed_in(author.person)
        page = page_of(browser.post(address(reflection, "reflection-share"), {"visibility": "group"}, follow=True))

        assert "Det ligner et CPR-nummer. Fjern det, før du deler teksten med nogen." in page
        assert Reflection.objects.get().visibility == "private"

    def test_deleted_it_is_gone_from_every_page(self, signed_in, author, written):
        reflection = written(SECRET, level="cohort")
        browser = signed_in(author.person)
        page = page_of(browser.post(address(reflection, "reflection-delete"), follow=True))

        assert SECRET not in page
        assert browser.get(address(reflection)).status_code == 404
        assert browser.get(address(reflection, "reflection-edit")).status_code == 404

    def test_queries(self, signed_in, author, written, django_assert_num_queries):
        reflection = written()
        browser = signed_in(author.person)
        browser.get(address(reflection))
        with django_assert_num_queries(QUERIES := 7):
            browser.get(address(reflection))
        for number in range(4):
            writing.save(reflection, {"text": f"udgave {number}"}, edition=reflection.edition, now=NOW)
        with django_assert_num_queries(QUERIES):
            browser.get(address(reflection))


class TestAnothersEntry:
    def test_it_says_who_shares_it_and_with_whom(self, signed_in, peer, written):
        page = page_of(signed_in(peer.person).get(address(written(level="facilitator"))))

        assert "Leder, Engholm deler dette med gruppen og dens facilitator" in page
        assert SECRET in page

    def test_a_peer_who_has_it_open_meets_no_longer_shared_at_the_next_request(self, signed_in, peer, written):
        reflection = written(level="group")
        browser = signed_in(peer.person)
        assert SECRET in page_of(browser.get(address(reflection)))

        writing.take_back(reflection)

        response = browser.get(address(reflection))
        assert response.status_code == 404
        assert NO_LONGER in page_of(response)
        assert SECRET not in page_of(response)
        assert SECRET not in page_of(browser.get(reverse("group")))

    def test_never_shared_and_never_written_look_the_same_as_no_longer_shared(self, signed_in, peer, written):
        browser = signed_in(peer.person)
        taken_back, never_shared, never_written = written(level="group"), written(), Reflection()
        writing.take_back(taken_back)

        answers = [browser.get(address(one)) for one in (taken_back, never_shared, never_written)]
        without_names = {
            page_of(answer).replace(str(one.pk), "").replace(_token(answer), "")
            for answer, one in zip(answers, (taken_back, never_shared, never_written), strict=True)
        }
        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert len(without_names) == 1

    def test_after_they_have_left_they_are_a_former_participant(self, signed_in, author, peer, written):
        reflection = written(level="cohort")
        author.state = "left_organisation"
        author.save()
        browser = signed_in(peer.person)

        for page in (page_of(browser.get(address(reflection))), page_of(browser.get(reverse("group")))):
            assert "En tidligere deltager" in page
        assert "Leder, Engholm" not in page_of(browser.get(address(reflection)))


def _token(response):
    return page_of(response).partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]


class TestWhoHasReadIt:
    def test_a_reading_is_written_down_and_the_author_can_see_it(self, signed_in, author, peer, written):
        reflection = written(level="group")
        signed_in(peer.person).get(address(reflection))

        event = AuditEvent.objects.get()
        assert (event.actor, event.about, event.action, event.object_id) == (
            peer.person,
            author.person,
            "read",
            str(reflection.pk),
        )
        assert "Leder, Byggesag" in page_of(signed_in(author.person).get(address(reflection)))

    def test_once_a_day_for_each_reader_and_entry(self, signed_in, peer, written):
        reflection, other = written(level="group"), written(level="group")
        browser = signed_in(peer.person)
        with time_machine.travel(NOW, tick=False) as clock:
            browser.get(address(reflection))
            browser.get(address(reflection))
            browser.get(address(other))
            assert AuditEvent.objects.count() == 2
            clock.shift(timedelta(days=1))
            browser.get(address(reflection))

        assert AuditEvent.objects.count() == 3

    def test_a_vain_attempt_and_ones_own_reading_are_no_reading(self, signed_in, author, peer, written):
        reflection = written()
        signed_in(peer.person).get(address(reflection))
        signed_in(author.person).get(address(reflection))

        assert AuditEvent.objects.count() == 0

    def test_it_is_said_in_the_authors_language(self, signed_in, peer, written):
        User.objects.filter(pk=peer.person_id).update(language="en")
        signed_in(User.objects.get(pk=peer.person_id)).get(address(written(level="group")))

        assert AuditEvent.objects.get().purpose == "Læste en tekst, du deler"

    def test_a_list_shows_no_text_that_could_be_read_without_a_trace(self, signed_in, peer, group, written):
        written(level="facilitator")

        for reader, name in ((peer.person, "group"), (group.facilitator, "facilitator")):
            page = page_of(signed_in(reader).get(reverse(name)))
            assert "Leder, Engholm" in page
            assert SECRET[:12] not in page


class TestDestroyedKey:
    """Who closed what they wrote may still sign in: no page breaks, and none shows an entry as if it were empty."""

    @pytest.fixture
    def closed(self, author, written):
        reflection = written("lukket", level="group")
        writing.save(reflection, {"text": "igen"}, edition=reflection.edition, now=NOW + timedelta(hours=1))
        sealing.destroy_key(author.person, NOW)
        return reflection

    def test_log_and_entry_say_that_it_can_no_longer_be_read(self, signed_in, author, closed):
        browser = signed_in(author.person)
        log, entry = (page_of(browser.get(one)) for one in (reverse("log"), address(closed)))

        for page in (log, entry):
            assert "Det, du skrev her, kan ikke længere læses." in page
        assert address(closed, "reflection-edit") not in entry
        assert address(closed, "reflection-share") not in entry
        assert address(closed, "reflection-delete") in entry

    def test_editing_and_writing_anew_are_refused_with_the_reason(self, signed_in, author, closed):
        browser = signed_in(author.person)
        posted = {"edition": 0, "model": "free", "visibility": "private", "field-text": "nyt", "entry": str(uuid4())}
        edit, write = browser.get(address(closed, "reflection-edit")), browser.post(reverse("write-free"), posted)

        assert browser.get(reverse("write-free")).status_code == 200
        for answer in (edit, write):
            assert answer.status_code == 409
            assert "der kan ikke gemmes noget nyt" in page_of(answer)
        assert Reflection.objects.count() == 1
