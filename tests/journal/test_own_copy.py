"""One's own copy: everything of one person, nothing of anybody else, at once."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from courseplatform.journal.own_copy import archive_of, copy_of
from courseplatform.journal.reflections import writing
from courseplatform.people.models import AuditEvent
from tests.factories import MessageFactory, WorkshopFactory
from tests.journal.conftest import NOW, SECRET

pytestmark = pytest.mark.django_db
OTHERS = "Det her skrev min kollega."


def opened(content):
    archive = ZipFile(BytesIO(content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_holds_what_its_person_wrote_and_nothing_of_others(author, peer, written):
    written(SECRET)
    written(OTHERS, "cohort", by=peer)
    files = opened(archive_of(author.person, NOW))

    assert sorted(files) == ["data.json", "logbog/2026-10-27-001.md", "læs mig.html"]
    assert all(SECRET in text for text in files.values())
    assert json.loads(files["data.json"])["log"][0]["text"] == [{"heading": "", "text": SECRET}]
    assert OTHERS not in "".join(files.values())


def test_it_holds_drafts_what_it_said_before_and_nothing_deleted(author, written):
    entry = written("Først")
    writing.save(entry, {"text": "Så"}, edition=entry.edition, now=NOW + timedelta(hours=1))
    writing.keep_draft(entry, {"text": "Og nu er jeg i gang igen"}, edition=entry.edition)
    writing.delete(written("Væk med det"), NOW)

    (kept,) = copy_of(author.person, NOW)["log"]
    assert kept["text"][0]["text"] == "Og nu er jeg i gang igen"
    assert [before["text"] for before in kept["earlier"]] == [["Først"]]


def test_it_holds_where_they_were_and_what_was_sent(author):
    WorkshopFactory(cohort=author.cohort)
    MessageFactory(enrolment=author, state="sent", sent_at=NOW)
    copy = copy_of(author.person, NOW)

    assert [one["cohort"] for one in copy["cohorts"]] == [author.cohort.name]
    assert len(copy["messages"]) == 1
    assert copy["person"]["email"] == author.person.email


def test_it_is_fetched_by_a_press_and_written_down_once(author, client, written):
    written()
    client.force_login(author.person)
    assert SECRET not in client.get("/min-side/kopi/").content.decode()
    answer = client.post("/min-side/kopi/")

    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert any(SECRET in text for text in opened(answer.content).values())
    event = AuditEvent.objects.get(action="export")
    assert (event.actor, event.about) == (author.person, author.person)


@pytest.mark.parametrize("number", [1, 8])
def test_the_queries_do_not_grow_with_what_was_written(author, written, message, django_assert_num_queries, number):
    for _ in range(number):
        entry = written("Først", message=None)
        writing.save(entry, {"text": "Så"}, edition=entry.edition, now=NOW + timedelta(hours=1))
        MessageFactory(enrolment=author, state="sent", sent_at=NOW)
    person = type(author.person).objects.select_related("org_unit", "line_manager").get(pk=author.person.pk)
    copy_of(person, NOW)
    with django_assert_num_queries(16):
        copy_of(person, NOW)
