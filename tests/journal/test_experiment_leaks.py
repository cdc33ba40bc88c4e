"""What somebody tries is found nowhere but on the pages of those who may read it."""

import logging

import pytest
from django.contrib import admin
from django.db import connection
from wagtail.search.index import get_indexed_models

from courseplatform.journal.experiments import observations, projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.models import Experiment, InquiryQuestion, Insight, Observation, PeerQuestion, Project
from tests.journal.conftest import NOW
from tests.journal.trying import ask, asked, insight, running, see
from tests.journal.whole_database import places_with

pytestmark = pytest.mark.django_db(transaction=True)

# Nobody else's words: a published programme gives examples of a plan, and they may lie in the database too.
ASKED = "Hvordan får nattevagten ro til at bruge gulvsensorerne?"
PLANNED = {
    "title": "Gulvsensorer uden panik",
    "hypothesis": "Fire af syv falske alarmer forsvinder",
    "if_situation": "sensoren på stue ni bimler efter midnat",
    "then_action": "går jeg derind uden at tænde loftslyset",
    "observe_how": "Jeg sætter streger på bagsiden af vagtplanen",
    "who_knows": "Nattevagterne på anden sal",
    "stop_when": "en beboer vågner og bliver bange",
}


def test_no_copy_of_the_database_and_no_log_holds_a_word_of_it(author, peer, caplog):
    connection.force_debug_cursor = True
    for name in ("", "django"):
        caplog.set_level(logging.DEBUG, logger=name)
    ask(author, ASKED, note="Aftenvagten manglede i spørgsmålet")
    experiment = running(author, **PLANNED)
    observations.keep_draft(experiment, {"text": "Halvt skrevet iagttagelse"}, edition=experiment.edition)
    see(experiment, "Tre af fem spurgte")
    experiments.stop(experiment, "Ferien kom i vejen", NOW)
    project = projects.current(author)
    projects.keep_draft(project, {"text": "Et halvt spørgsmål"}, edition=project.edition)
    projects.conclude(project, "Ved at spørge først", NOW)
    question = asked(InquiryQuestion.objects.get(is_current=True), peer.person, "Hvem har nøglen til linnedskabet?")
    peer_questions.answer(question, "Den har flexjobberen Bodil", by=author.person, now=NOW)
    learned = insight(author, {"situation": "Klokken tre om natten", "did": "Jeg lod lampen være", "now": "Jeg lytter"})
    connection.force_debug_cursor = False

    texts = [*PLANNED.values(), ASKED, "Aftenvagten manglede", "Halvt skrevet", "Tre af fem", "Ferien kom i vejen"]
    texts += ["Et halvt spørgsmål", "Ved at spørge først", "linnedskabet", "flexjobberen Bodil"]
    texts += texts_of(learned).values()
    assert PLANNED.items() <= texts_of(experiment).items()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert 'INSERT INTO "journal_experiment"' in said  # with its values, so a text among them would be seen
    assert [text for text in texts if text in said] == []
    assert [place for text in texts for place in places_with(text)] == []
    assert [
        repr(one) for one in (project, experiment, question, learned) if any(text in repr(one) for text in texts)
    ] == []


@pytest.mark.parametrize("model", [Project, InquiryQuestion, Experiment, Observation, PeerQuestion, Insight])
def test_they_are_on_no_desk(model):
    assert model not in admin.site._registry
    assert model not in get_indexed_models()
