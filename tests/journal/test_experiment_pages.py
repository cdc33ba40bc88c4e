"""Question and experiment, as a browser without JavaScript and as the page that saves by itself."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of
from courseplatform.journal.models import Experiment, Observation, Project, Reflection
from tests.journal.conftest import NOW
from tests.journal.trying import PLAN, QUESTION, ask, idea, planned, running

pytestmark = pytest.mark.django_db
AUTOSAVE = {"headers": {"X-Requested-With": "autosave"}}
CPR = "010190-1234"
LATER = NOW + timedelta(days=7)
SEEN = "Tre af fem spurgte, hvad systemet foreslog"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser(signed_in, author):
    return signed_in(author.person)


def fields(edition=0, **texts):
    return {"edition": edition, **{f"field-{name}": text for name, text in texts.items()}}


def page_of(response):
    return html.unescape(response.content.decode()).replace("\xa0", " ")


def asked(text=QUESTION, edition=0, **more):
    return fields(edition, title="Tavlen", text=text, note="", **more)


def address(name, experiment, *more):
    return reverse(name, args=[experiment.pk, *more])


class TestAsking:
    def test_the_first_page_says_what_to_do_first(self, browser, author):
        page = page_of(browser.get(reverse("experiments")))

        assert "Hvad undrer eller irriterer dig i din egen drift?" in page
        assert reverse("question") in page
        assert Project.objects.count() == 0

    def test_a_question_is_kept_and_stands_there(self, browser, author):
        response = browser.post(reverse("question"), asked(), follow=True)

        assert QUESTION in page_of(response)
        assert Project.objects.get().state == "framed"

    def test_it_says_before_who_will_read_it(self, browser, author):
        page = page_of(browser.get(reverse("question")))

        assert "Når du gemmer, kan din gruppe og jeres facilitator læse spørgsmålet." in page

    @pytest.mark.parametrize("text", ["Hvordan?", f"Hvordan hjælper jeg {CPR}?"])
    def test_what_cannot_be_asked_is_kept_and_explained(self, browser, author, text):
        response = browser.post(reverse("question"), asked(text))

        assert response.status_code == 422
        assert text in page_of(response)
        assert draft_of(Project.objects.get())["text"] == text
        assert Project.objects.get().state == "draft"

    def test_it_is_kept_while_it_is_written(self, browser, author):
        answer = browser.post(reverse("question"), asked("Hvordan k"), **AUTOSAVE)

        assert answer.json() == {"kept": True, "edition": 1}
        assert "Hvordan k" in page_of(browser.get(reverse("question")))

    def test_another_device_is_told_and_loses_nothing(self, browser, author):
        browser.post(reverse("question"), asked("Hvordan k"), **AUTOSAVE)

        assert browser.post(reverse("question"), asked("Hvordan ellers"), **AUTOSAVE).status_code == 409
        response = browser.post(reverse("question"), asked())
        assert response.status_code == 409
        assert QUESTION in page_of(response)
        other = browser.post(reverse("question"), asked(edition=1) | {"keep": "other"}, follow=True)
        assert "Hvordan k" in page_of(other)
        assert QUESTION not in page_of(other)
        assert browser.post(reverse("question"), asked(edition=1) | {"keep": "mine"}).status_code == 302
        assert QUESTION in page_of(browser.get(reverse("experiments")))

    def test_it_ends_with_an_answer(self, browser, author):
        experiments.finish(running(author), NOW)
        page = browser.post(reverse("project-end"), fields(1, answer="Ved at spørge først"), follow=True)

        assert "Ved at spørge først" in page_of(page)
        assert Project.objects.get().state == "concluded"

    def test_letting_go_under_a_running_experiment_is_refused_and_the_words_are_kept(self, browser, author):
        running(author)
        response = browser.post(reverse("project-end"), fields(1, reason="Ferie") | {"let-go": "1"})

        assert response.status_code == 409
        assert "Ferie" in page_of(response)
        assert Project.objects.get().state == "in_progress"


class TestPlanning:
    def test_four_short_steps_make_a_plan(self, browser, author):
        ask(author)
        response = browser.post(reverse("experiment-new"), {"entry": str(uuid4())})
        experiment = Experiment.objects.get()
        steps = [
            ("hvad", {"title": PLAN["title"], "hypothesis": ""}),
            ("hvis-saa", {"if_situation": PLAN["if_situation"], "then_action": PLAN["then_action"]}),
            ("se-efter", {"observe_how": PLAN["observe_how"], "who_knows": "Teamet"}),
            ("hvornaar", {"starts_on": "2026-11-02", "due_on": "20.11.2026", "stop_when": "", "risk": "yes"}),
        ]
        for edition, (step, texts) in enumerate(steps):
            assert response.url == address("experiment-step", experiment, step)
            assert browser.get(response.url).status_code == 200
            response = browser.post(response.url, fields(edition, **texts))

        assert response.url == address("experiment", experiment)
        experiment.refresh_from_db()
        assert (experiment.state, experiment.risk_ack) == ("planned", True)
        assert "2. november – 20. november 2026" in page_of(browser.get(response.url))

    def test_a_double_tap_begins_one_idea(self, browser, author):
        ask(author)
        for _ in range(2):
            browser.post(reverse("experiment-new"), {"entry": "00000000-0000-4000-8000-000000000001"})

        assert Experiment.objects.count() == 1

    def test_a_step_is_kept_while_it_is_written(self, browser, author):
        experiment = idea(author, title="")
        answer = browser.post(
            address("experiment-step", experiment, "hvad"), fields(experiment.edition, title="Spørg"), **AUTOSAVE
        )

        assert answer.json()["kept"]
        assert texts_of(Experiment.objects.get())["title"] == "Spørg"

    def test_another_device_is_told_what_stands_and_a_planned_one_that_there_is_no_place(self, browser, author):
        experiment = idea(author, then_action="")
        where = address("experiment-step", experiment, "hvad")
        stale = fields(experiment.edition - 1, title="Spørg", hypothesis="")
        answer = browser.post(where, stale, **AUTOSAVE)
        assert (answer.status_code, answer.json()["texts"]["field-title"]) == (409, PLAN["title"])

        assert browser.post(address("experiment-step", planned(author), "hvad"), stale, **AUTOSAVE).status_code == 410

    def test_of_two_devices_both_texts_stand_there_and_an_empty_field_empties_nothing(self, browser, author):
        experiment = idea(author)
        where = address("experiment-step", experiment, "hvis-saa")
        stale = fields(experiment.edition - 1, if_situation="fredagens tavlemøde begynder", then_action="")
        response = browser.post(where, stale)
        page = page_of(response)

        assert response.status_code == 409
        assert [page.count(text) for text in ("fredagens tavlemøde begynder", PLAN["if_situation"])] == [1, 1]
        assert f"{PLAN['then_action']}</textarea>" in page
        browser.post(where, stale | {"keep": "other"})
        assert texts_of(Experiment.objects.get())["if_situation"] == PLAN["if_situation"]
        browser.post(where, stale | {"keep": "mine", "edition": experiment.edition})
        assert texts_of(Experiment.objects.get())["if_situation"] == "fredagens tavlemøde begynder"

    def test_what_is_missing_is_named_and_leads_there(self, browser, author):
        experiment = idea(author, then_action="")
        when = fields(experiment.edition, starts_on="2026-11-02", due_on="2026-11-20", stop_when="", risk="yes")
        response = browser.post(address("experiment-step", experiment, "hvornaar"), when)

        assert response.status_code == 422
        assert address("experiment-step", experiment, "hvis-saa") in page_of(response)
        assert Experiment.objects.get().state == "idea"

    def test_more_than_three_weeks_is_refused_in_words(self, browser, author):
        experiment = idea(author)
        when = fields(experiment.edition, starts_on="2026-11-02", due_on="2026-11-24", stop_when="", risk="no")
        response = browser.post(address("experiment-step", experiment, "hvornaar"), when)

        assert response.status_code == 422
        assert "En prøvehandling varer højst tre uger." in page_of(response)

    def test_a_plan_that_counts_is_not_changed_from_an_old_page(self, browser, author):
        experiment = planned(author)
        response = browser.post(address("experiment-step", experiment, "hvad"), fields(1, title="Noget andet"))

        assert response.status_code == 409
        assert texts_of(Experiment.objects.get())["title"] == PLAN["title"]

    @pytest.mark.parametrize("wrong", ["i morgen", "2026-13-40"])
    def test_a_day_that_is_none_is_said_and_the_rest_stays_on_the_page(self, browser, author, wrong):
        experiment = idea(author)
        when = fields(experiment.edition, starts_on=wrong, due_on="", stop_when="Aldrig", risk="yes")
        response = browser.post(address("experiment-step", experiment, "hvornaar"), when)

        assert response.status_code == 422
        assert "Aldrig" in page_of(response)


class TestTrying:
    def test_begin_finish_and_the_same_tap_again(self, browser, author):
        experiment = planned(author)
        for to in ("running", "running", "done", "done"):
            response = browser.post(address("experiment-change", experiment), {"to": to})
            assert response.status_code == 302
        experiment.refresh_from_db()

        assert experiment.state == "done"

    def test_a_forbidden_step_says_where_it_stands(self, browser, author):
        experiment = planned(author)
        response = browser.post(address("experiment-change", experiment), {"to": "done"})

        assert response.status_code == 409
        assert "planlagt" in page_of(response)

    def test_what_was_seen_stands_apart_from_what_is_made_of_it(self, browser, author):
        experiment = running(author)
        seen = fields(0, text=SEEN, seen_at="2026-10-27T09:30") | {"entry": str(uuid4())}
        for _ in range(2):
            response = browser.post(address("experiment-see", experiment), seen)

        assert response.url == address("experiment", experiment)
        assert Observation.objects.count() == 1
        assert SEEN in page_of(browser.get(response.url))

    def test_an_observation_is_kept_while_it_is_written(self, browser, author):
        experiment = running(author)
        begun = fields(experiment.edition, text="Tre af", seen_at="2026-10-27T09:30") | {"entry": str(uuid4())}
        assert browser.post(address("experiment-see", experiment), begun, **AUTOSAVE).json()["kept"]

        assert Observation.objects.count() == 0
        assert "Tre af" in page_of(browser.get(address("experiment-see", experiment)))

    def test_what_was_noted_without_network_comes_once_however_often_it_is_sent(self, browser, author):
        experiment = running(author)
        noted = fields(experiment.edition, text=SEEN, seen_at="2026-10-27T09:30") | {"entry": str(uuid4()), "done": "1"}
        for _ in range(2):
            answer = browser.post(address("experiment-see", experiment), noted, **AUTOSAVE)
            assert answer.json()["entry"] == address("experiment", experiment)

        assert [texts_of(one)["text"] for one in Observation.objects.all()] == [SEEN]

    def test_what_cannot_be_noted_is_kept_as_a_draft_to_look_at(self, browser, author):
        experiment = running(author)
        early = fields(experiment.edition, text=SEEN, seen_at="2026-12-24T18:00") | {"entry": str(uuid4()), "done": "1"}
        answer = browser.post(address("experiment-see", experiment), early, **AUTOSAVE)

        assert answer.json()["look"] == address("experiment-see", experiment)
        assert (draft_of(Experiment.objects.get())["text"], Observation.objects.count()) == (SEEN, 0)

    def test_other_words_under_a_name_that_is_taken_are_noted_as_well(self, browser, author):
        experiment = running(author)
        noted = fields(experiment.edition, seen_at="2026-10-27T09:30") | {"entry": str(uuid4()), "done": "1"}
        for text in (SEEN, "Og to sagde ingenting", SEEN):
            browser.post(address("experiment-see", experiment), noted | {"field-text": text}, **AUTOSAVE)

        assert sorted(texts_of(one)["text"] for one in Observation.objects.all()) == ["Og to sagde ingenting", SEEN]

    @pytest.mark.parametrize(
        ("choice", "noted", "stands"),
        [("mine", [SEEN], ""), ("other", [], "På computeren"), ("both", [SEEN], "På computeren")],
    )
    def test_of_two_devices_observations_both_stand_there_and_one_is_chosen(
        self, browser, author, choice, noted, stands
    ):
        experiment, where = running(author), {"seen_at": "2026-10-27T09:30"}
        place = address("experiment-see", experiment)
        there = fields(experiment.edition, text="På computeren", **where) | {"entry": str(uuid4())}
        browser.post(place, there, **AUTOSAVE)
        mine = fields(experiment.edition, text=SEEN, **where) | {"entry": str(uuid4())}
        assert browser.post(place, mine | {"done": "1"}, **AUTOSAVE).json()["texts"]["field-text"] == "På computeren"
        page = browser.post(place, mine)
        assert (page.status_code, page_of(page).count(SEEN), page_of(page).count("På computeren")) == (409, 1, 1)
        assert f'data-choosing="{experiment.edition}"' in page_of(page)  # until then it says on what it was written

        browser.post(place, mine | {"edition": experiment.edition + 1, "keep": choice})
        assert [texts_of(one)["text"] for one in Observation.objects.all()] == noted
        assert draft_of(Experiment.objects.get()).get("text", "") == stands

    def test_a_text_is_taken_from_its_writer_alone(self, browser, author, peer):
        experiment = running(author)
        theirs = fields(experiment.edition, text="Tre af") | {"entry": str(uuid4()), "writer": str(peer.person.pk)}

        assert browser.post(address("experiment-see", experiment), theirs, **AUTOSAVE).status_code == 403
        assert draft_of(Experiment.objects.get()) == {}

    def test_a_number_like_cpr_is_warned_of_and_still_mine_to_keep(self, browser, author):
        experiment = running(author)
        seen = fields(0, text=f"{CPR} ringede", seen_at="2026-10-27T09:30") | {"entry": str(uuid4())}

        assert browser.post(address("experiment-see", experiment), seen).status_code == 422
        assert Observation.objects.count() == 0
        assert browser.post(address("experiment-see", experiment), seen | {"cpr-seen": "1"}).status_code == 302

    def test_stopping_is_an_ending_like_any_other(self, browser, author):
        experiment = running(author)
        assert browser.post(address("experiment-stop", experiment), fields(0, reason="")).status_code == 409
        page = browser.post(address("experiment-stop", experiment), fields(0, reason="Ferie"), follow=True)

        assert "Skriv, hvad du får ud af det" in page_of(page)
        finished = planned(author)
        experiments.start(finished, NOW)
        experiments.finish(finished, NOW)
        stopped_step, done_step = (
            page_of(browser.get(address("experiment", one))).split('class="sheet next-step"')[1].split("</section>")[0]
            for one in (experiment, finished)
        )
        assert without_ids(stopped_step) == without_ids(done_step)

    def test_what_i_make_of_it_is_written_where_i_always_write(self, browser, author):
        experiment = running(author)
        experiments.stop(experiment, "Ferie", NOW)
        page = browser.get(address("experiment-reflect", experiment))
        assert "Hvad tror jeg, det betyder?" in page_of(page)
        posted = {"edition": 0, "model": "experiment-log", "shown": "private", "visibility": "private"}
        posted |= {"entry": str(uuid4()), "field-interpreted": "Det var spørgsmålet, der virkede"}
        browser.post(address("experiment-reflect", experiment), posted)
        experiment.refresh_from_db()

        assert (experiment.state, Reflection.objects.get().visibility) == ("reflected", "private")
        assert reverse("reflection", args=[Reflection.objects.get().pk]) in page_of(
            browser.get(address("experiment", experiment))
        )

    def test_it_is_tried_again_with_new_days(self, browser, author):
        experiment = running(author)
        experiments.stop(experiment, "Ferie", NOW)
        for _ in range(2):
            response = browser.post(address("experiment-change", experiment), {"to": "again"})

        following = Experiment.objects.get(predecessor=experiment)
        assert response.url == address("experiment", following)
        assert "forsøg 2" in page_of(browser.get(response.url))


def without_ids(step):
    return re.sub(r'[0-9a-f-]{36}|value="[A-Za-z0-9]{64}"', "", step)
