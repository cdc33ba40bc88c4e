"""Searching finds one's own words and one's lessons, and is seen by nobody (MODEL I6)."""

import logging
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from courseplatform.journal.groups import peer_questions
from courseplatform.journal.models import Commitment, MeetingNote, PeerQuestion, Reflection
from courseplatform.journal.reflections import writing
from courseplatform.journal.searching import last_search
from courseplatform.journal.searching.finding import MOST, find
from courseplatform.journal.searching.matching import excerpt, folded, has_all, marked, words_of
from courseplatform.people.privacy.sealing import destroy_key
from tests.factories import EnrolmentFactory, MeetingFactory, UserFactory
from tests.journal import trying
from tests.journal.at_the_table import Table
from tests.journal.conftest import NOW, SECRET
from tests.journal.whole_database import everything_stored

CPR = "010190-1234"


class TestWords:
    @pytest.mark.parametrize(
        ("typed", "text"),
        [
            ("CAFÉ", "Vi sad på en cafe."),
            ("cafe", "Vi sad på en cafe\u0301."),
            ("aa", "Åse"),
            ("PÅ", "paa"),
            ("ærø", "Ærøskøbing"),
            ("hjem", "plejehjemsleder"),
            ("vagt nat", "Nattevagten"),
            ("samarbejde", "sam\u00adarbejde"),
            ("strasse", "Straße"),
        ],
    )
    def test_the_same_word_is_found_however_it_is_written(self, typed, text):
        assert has_all(words_of(typed), folded(text))

    @pytest.mark.parametrize(
        ("typed", "text"),
        [("pa", "pæn"), ("po", "pø"), ("ar", "år"), ("zebra vagt", "zebraen"), (".*", "alt"), ("a|b", "a b")],
    )
    def test_another_word_is_not(self, typed, text):
        assert not has_all(words_of(typed), folded(text))

    def test_words_may_stand_in_heading_and_text(self):
        assert has_all(words_of("hvad zebra"), folded("Hvad så du?"), folded("En zebra"))

    @pytest.mark.parametrize("typed", ["x" * 100_000, "( [ \\ * " * 5000, "\u0301\u0301", "\x00 \u200b", " "])
    def test_whatever_is_typed_ends_in_ten_words_at_most(self, typed):
        assert len(words_of(typed)) <= 10
        assert sum(map(len, words_of(typed).values())) <= 200

    def test_the_hits_are_marked_as_they_are_written(self):
        pieces = marked("Café med Åse, og cafeen igen", words_of("cafe aase"))

        assert [piece.text for piece in pieces if piece.is_hit] == ["Café", "Åse", "cafe"]
        assert "".join(piece.text for piece in pieces) == "Café med Åse, og cafeen igen"

    def test_an_excerpt_is_cut_between_words_around_the_first_hit(self):
        text = "en to tre fire fem " * 50 + "zebra" + " seks syv otte ni ti" * 50
        pieces = excerpt(text, words_of("zebra"))
        shown = "".join(piece.text for piece in pieces)

        assert (shown[:2], shown[-2:]) == ("… ", " …")
        assert len(shown) < 200
        assert shown.strip("… ") in text
        assert f" {shown.strip('… ')} " in f" {text} "

    def test_one_endless_word_is_cut_all_the_same(self):
        assert sum(len(piece.text) for piece in excerpt("y" * 9000 + "zebra" + "y" * 9000, words_of("zebra"))) < 400

    def test_no_text_shows_in_a_repr(self):
        assert "zebra" not in repr(excerpt("en zebra", words_of("zebra")))


@pytest.mark.django_db
class TestFinding:
    def test_everything_of_ones_own_is_found(self, author, group, written):
        written("En zebra i loggen")
        trying.see(trying.running(author, hypothesis="Zebraen kan hjælpe"), "Så en zebra")
        trying.ask(author, "Hvordan kan jeg lede en zebra?")
        trying.insight(author, trying.LINES | {"now": "Jeg lader zebraen være"})
        table = Table()
        meeting = MeetingFactory(group=group)
        for kind in (Commitment, MeetingNote):
            table.members[0], table.meeting = author, meeting
            table.promise(text="Jeg ser efter zebraen") if kind is Commitment else table.note(text="Zebra her")
        found = find(author.person, "zebra", NOW)

        assert {hit.of.kind for hit in found.own} == {
            "Refleksion",
            "Prøvehandling",
            "Det, jeg så",
            "Mit spørgsmål",
            "Læringspunkt",
            "Det, jeg lovede gruppen",
            "Min note fra et gruppemøde",
        }
        assert all("zebra" in "".join(piece.text for piece in hit.lines).casefold() for hit in found.own)

    def test_another_persons_text_is_not_found_however_widely_it_is_shared(self, author, peer, written):
        written("Min zebra", "group", by=peer)

        entry = Reflection.objects.get()
        asked, theirs = uuid4(), written("Mit eget", "group")
        peer_questions.ask(entry, asked, "Hvad gjorde løven?", "question", by=author.person, now=NOW)
        peer_questions.ask(theirs, uuid4(), "Og giraffen?", "question", by=peer.person, now=NOW)
        peer_questions.answer(PeerQuestion.objects.get(author=peer.person), "En flodhest", by=author.person, now=NOW)

        found = {word: find(author.person, word, NOW).own_count for word in ("løven", "giraffen", "flodhest")}
        assert found == {"løven": 1, "giraffen": 0, "flodhest": 1}
        assert find(author.person, "zebra", NOW).own == []
        assert find(peer.person, "zebra", NOW).own_count == 1

    def test_deleted_entries_are_not_found_and_drafts_are(self, author, written):
        writing.delete(written("En zebra"), NOW)
        entry = written("Først")
        writing.keep_draft(entry, {"text": "Nu med zebra"}, edition=entry.edition)

        assert find(author.person, "zebra", NOW).own_count == 1

    def test_whose_key_is_gone_still_finds_lessons(self, author, written):
        written("Digital ledelse")
        destroy_key(author.person, NOW)
        found = find(author.person, "ledelse", NOW)

        assert found.own == []
        assert found.lessons

    def test_a_lesson_that_is_not_open_is_found_by_its_title_alone(self, author, programme):
        last = max(programme.modules, key=lambda module: module.open_week)
        title = last.lessons[0].title.da
        (hit,) = [one for one in find(author.person, title, NOW).lessons if one.of.key == last.lessons[0].key]

        assert hit.lines == []
        assert hit.of.opens_on > NOW.date()
        inside = max(last.lessons[0].aims.da[0].split(), key=len)
        after = datetime(2027, 8, 1, tzinfo=UTC)
        keys = [{one.of.key for one in find(author.person, f"{title} {inside}", now).lessons} for now in (NOW, after)]
        assert [last.lessons[0].key in found for found in keys] == [False, True]

    def test_only_the_lessons_of_ones_own_programmes_are_looked_in(self, author):
        assert find(author.person, "ledelse", NOW).lesson_count > 0
        assert find(UserFactory(), "ledelse", NOW).lesson_count == 0
        assert find(EnrolmentFactory(state="withdrawn").person, "ledelse", NOW).lesson_count == 0

    def test_who_finds_much_is_told_how_much(self, author, written):
        for _ in range(MOST + 3):
            written("En zebra")
        found = find(author.person, "zebra", NOW)

        assert (len(found.own), found.own_count) == (MOST, MOST + 3)

    def test_words_that_stand_nowhere_are_named(self, author, written):
        written("En zebra")

        assert find(author.person, "Zebra Løvetand", NOW).nowhere == ["Løvetand"]

    @pytest.mark.parametrize("number", [2, 20])
    def test_the_queries_do_not_grow_with_what_was_written(self, author, written, django_assert_num_queries, number):
        for _ in range(number):
            written("En zebra")
        experiment = trying.running(author)
        for _ in range(number):
            trying.see(experiment)
        person = type(author.person).objects.get(pk=author.person.pk)
        find(person, "zebra", NOW)
        person = type(author.person).objects.get(pk=author.person.pk)
        with django_assert_num_queries(13):
            assert find(person, "zebra", NOW).own_count == number


@pytest.mark.django_db
class TestPage:
    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(NOW, tick=False):
            yield

    @pytest.fixture
    def search(self, signed_in, author):
        browser = signed_in(author.person)
        return lambda words: browser.post(reverse("search"), {"words": words}, follow=True)

    def test_a_hit_is_marked_and_hostile_words_are_only_words(self, search, written):
        written("En <b>zebra</b> & en løve")
        page = search("<b>ZEBRA").content.decode()

        assert "<mark>&lt;b&gt;zebra</mark>&lt;/b&gt; &amp; en løve" in page
        assert 'value="&lt;b&gt;ZEBRA"' in page

    def test_it_can_be_come_back_to_and_is_forgotten_when_signed_out(self, search, written, client):
        written("En zebra")
        search("zebra")
        again = client.get(reverse("search-found"))

        assert "<mark>zebra</mark>" in again.content.decode()
        assert "no-store" in again["Cache-Control"]
        assert "zebra" not in client.get(reverse("search")).content.decode()
        client.post("/konto/logout/")
        assert Session.objects.filter(session_data__contains="search").count() == 0

    def test_nothing_found_says_which_word_and_what_to_do(self, search):
        page = search("løvetand ledelse").content.decode()

        assert "lektioner: løvetand</p>" in page
        assert reverse("log") in page

    def test_what_is_searched_for_is_in_no_address_log_or_table(self, search, written, caplog):
        written("En zebra 1234 hos os")
        connection.force_debug_cursor = True
        caplog.set_level(logging.DEBUG)
        try:
            response = search(f"løvetand {CPR}")
        finally:
            connection.force_debug_cursor = False

        assert "løvetand" in response.content.decode()
        assert response.redirect_chain == [(reverse("search-found"), 302)]
        for secret in ("løvetand", CPR):
            assert secret not in caplog.text
            assert not [place for place, held in everything_stored().items() if secret.encode() in held]

    def test_another_person_in_the_same_browser_gets_nothing_of_it(self, author, peer, rf):
        session = {}
        last_search.keep(session, author.person, SECRET)

        assert last_search.recall(session, author.person) == SECRET
        assert last_search.recall(session, peer.person) == ""
        assert last_search.recall({}, author.person) == ""

    def test_whose_key_is_gone_gets_an_answer(self, search, author):
        destroy_key(author.person, NOW)

        assert search("ledelse").status_code == 200
