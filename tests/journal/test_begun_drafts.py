"""What is begun in one form outlives the press of another one, and another device's is seen before it is replaced."""

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.experiments import projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of
from courseplatform.journal.models import Experiment, Project, Reflection
from courseplatform.journal.reflections import entries
from tests.journal.conftest import NOW
from tests.journal.test_experiment_pages import AUTOSAVE, SEEN, address, asked, fields, page_of
from tests.journal.trying import ask, running, see

pytestmark = pytest.mark.django_db
END = "/proevehandling/slut/"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def browser(signed_in, author):
    return signed_in(author.person)


@pytest.fixture
def tried(author):
    """The project once something was tried."""
    experiments.finish(running(author), NOW)
    return projects.current(author)


def keep(browser, row, where, **texts):
    """What its page saves by itself, on top of what stands."""
    row.refresh_from_db()
    lets_go = {"let-go": "1"} if where == END and "reason" in texts else {}
    answer = browser.post(where, fields(row.edition, **texts) | lets_go, **AUTOSAVE)
    assert answer.json()["kept"]
    row.refresh_from_db()


def notes():
    return [entries.draft_of(one)["text"] for one in Reflection.objects.filter(state="draft")]


class TestOneFormBesideAnother:
    def test_a_note_beside_the_question_leaves_the_answer_that_is_begun(self, browser, tried):
        keep(browser, tried, END, answer="Efter ni måneder begynder aftenvagten selv")
        keep(browser, tried, reverse("question"), note="Bare en note")

        assert "Efter ni måneder" in page_of(browser.get(END))
        browser.post(reverse("question"), asked("Hvordan kan jeg nu hjælpe dagvagten?", tried.edition))
        assert draft_of(Project.objects.get()) == {"answer": "Efter ni måneder begynder aftenvagten selv"}

    def test_an_observation_that_is_begun_is_there_after_the_stop(self, browser, author):
        experiment = running(author)
        keep(browser, experiment, address("experiment-see", experiment), text=SEEN)
        page = browser.post(
            address("experiment-stop", experiment), fields(experiment.edition, reason="Ferie"), follow=True
        )

        assert "Du er begyndt at skrive, hvad du så." in page_of(page)
        assert SEEN in page_of(browser.get(address("experiment-see", experiment)))

    def test_what_is_noted_leaves_the_reason_that_is_begun(self, browser, author):
        experiment = running(author)
        keep(browser, experiment, address("experiment-stop", experiment), reason="Det tager for")
        see(experiment)

        assert "Det tager for" in page_of(browser.get(address("experiment-stop", experiment)))
        experiments.finish(Experiment.objects.get(), NOW)
        assert (notes(), draft_of(Experiment.objects.get())) == (["Det tager for"], {})

    def test_what_is_begun_when_the_project_ends_becomes_a_draft_in_the_log(self, browser, tried):
        keep(browser, tried, reverse("question"), title="Tavlen", text="Hvordan kan jeg også", note="")
        keep(browser, tried, END, answer="Ved at spø")
        page = browser.post(END, fields(tried.edition, reason="Opgaven er flyttet") | {"let-go": "1"}, follow=True)

        assert "Det andet, du var begyndt på, ligger som kladde i din logbog." in page_of(page)
        assert notes() == ["Hvordan kan jeg også\n\nVed at spø"]

    def test_letting_go_of_what_nobody_asked_keeps_what_was_begun(self, browser, author):
        project = projects.begin(author)
        keep(browser, project, reverse("question"), title="", text="Hvordan k", note="")
        browser.post(END, fields(project.edition, reason="Nej") | {"let-go": "1"})

        assert notes() == ["Hvordan k"]


class TestTwoDevices:
    @pytest.mark.parametrize(("name", "more"), [("answer", {}), ("reason", {"let-go": "1"})])
    def test_of_two_ends_both_stand_there_and_one_is_chosen(self, browser, tried, name, more):
        before = tried.edition
        keep(browser, tried, END, **{name: "På computeren"})
        mine = fields(before, **{name: "På telefonen"}) | more
        page = browser.post(END, mine)

        assert page.status_code == 409
        assert [page_of(page).count(text) for text in ("På computeren", "På telefonen")] == [1, 1]
        assert f'data-choosing="{before}"' in page_of(page)
        assert "På computeren" in page_of(browser.post(END, mine | {"keep": "other"}, follow=True))
        browser.post(END, mine | {"keep": "mine", "edition": tried.edition})
        assert texts_of(Project.objects.get())[name] == "På telefonen"

    def test_an_end_that_has_to_wait_shows_both_as_well(self, browser, author):
        running(author)
        project = projects.current(author)
        before = project.edition
        keep(browser, project, END, reason="På computeren")
        page = browser.post(END, fields(before, reason="På telefonen") | {"let-go": "1"})

        assert [page_of(page).count(text) for text in ("På computeren", "På telefonen")] == [1, 1]
        assert "På computeren" in page_of(browser.post(END, fields(project.edition, reason="") | {"let-go": "1"}))

    def test_what_this_device_has_seen_itself_is_no_other_text(self, browser, tried):
        keep(browser, tried, END, answer="Ved at spørge")

        assert browser.post(END, fields(0, answer="Ved at spørge")).status_code == 302
        assert notes() == []

    def test_a_reason_begun_elsewhere_becomes_a_draft_in_the_log(self, browser, author):
        experiment = running(author)
        before = experiment.edition
        keep(browser, experiment, address("experiment-stop", experiment), reason="På computeren")
        for reason in ("x" * 301, "På telefonen"):
            browser.post(address("experiment-stop", experiment), fields(before, reason=reason))

        assert texts_of(Experiment.objects.get())["reason"] == "På telefonen"
        assert notes() == ["På computeren"]

    def test_a_second_stop_keeps_its_reason_in_the_log_once(self, browser, author):
        experiment = running(author)
        stop = address("experiment-stop", experiment)
        experiments.stop(experiment, "Ferie", NOW)
        late = fields(0, reason="Alle spørger sekretæren")
        for _ in range(2):
            page = browser.post(stop, late, follow=True)
            assert "Det, du skrev her, ligger som kladde i din logbog." in page_of(page)

        assert notes() == ["Alle spørger sekretæren"]
        assert browser.post(stop, late, **AUTOSAVE).status_code == 410  # the browser makes the same of it
        assert browser.post(stop, fields(0, reason="Ferie"), **AUTOSAVE).json()["kept"]
        assert texts_of(Experiment.objects.get())["reason"] == "Ferie"


def test_an_ordinary_end_leaves_nothing_behind(browser, author):
    project = ask(author)
    keep(browser, project, END, reason="Opgaven")
    browser.post(END, fields(project.edition, reason="Opgaven er flyttet") | {"let-go": "1"})

    assert (notes(), Project.objects.get().sealed_draft) == ([], None)
