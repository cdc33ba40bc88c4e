"""One's own copy: everything of one person, nothing of anybody else, at once."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courseplatform.cohorts.models import Attendance, AttendanceNote, Enrolment, Substitution
from courseplatform.journal.groups import agreements
from courseplatform.journal.models import DateAnswer, DateProposal
from courseplatform.journal.own_copy import archive_of, copy_of
from courseplatform.journal.reflections import writing
from courseplatform.people.models import AuditEvent, NotificationPreference, User
from tests.factories import MeetingFactory, MessageFactory, WorkshopFactory
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
    with django_assert_num_queries(31):
        copy_of(person, NOW)


# Tables that point at a person and are not in their copy, each with its reason.
OTHERS_DESK = "what an author did with content, at the editor's desk"
A_RIGHT = "what somebody may do at a desk; their roles are in the copy"
LEFT_OUT = {
    "people.User_groups": A_RIGHT,
    "people.User_user_permissions": A_RIGHT,
    "cohorts.Material": "a link somebody put on a workshop: the workshop's",
    "outbox.ExperimentDates": "the days of experiments, which are in the copy themselves",
    "outbox.WeeklyCount": "a count of messages, which are in the copy themselves",
    "account.EmailAddress": "empty: the address is the person's own, which is in the copy",
    "wagtailusers.UserProfile": OTHERS_DESK,
    "admin.LogEntry": "what was done at the support desk, about others",
}
CONTENT = ("lessons", "wagtailcore", "wagtailadmin", "wagtaildocs", "wagtailimages")


def points_at_a_person(model):
    fields = [field for field in model._meta.get_fields() if field.concrete and field.name != "created_by"]
    return any(field.related_model in (User, Enrolment) for field in fields if field.is_relation)


def test_every_table_that_points_at_a_person_is_in_the_copy_or_has_a_reason(author):
    """`created_by` says who made a row; what is somebody's own has another column that says so."""
    models = [one for one in apps.get_models(include_auto_created=True) if points_at_a_person(one)]
    asked_about = [one for one in models if one._meta.app_label not in CONTENT and one is not User]
    with CaptureQueriesContext(connection) as queries:
        copy_of(author.person, NOW)
    asked = " ".join(query["sql"] for query in queries)
    missing = {one._meta.label for one in asked_about if f'"{one._meta.db_table}"' not in asked}

    assert missing == set(LEFT_OUT)


def test_it_holds_a_seat_and_its_history_a_yes_a_date_and_a_wish(author, peer, group):
    workshop = WorkshopFactory(cohort=author.cohort)
    seat = {"enrolment": author, "workshop": workshop, "substitute": peer.person}
    Substitution.objects.create(state="taken_back", held_from=NOW, ended_at=NOW + timedelta(hours=1), **seat)
    agreements.propose(group, "Vi siger det til hinanden", by=author.person, now=NOW)
    proposal = DateProposal.objects.create(
        meeting=MeetingFactory(group=group), starts_at=NOW, ends_at=NOW + timedelta(hours=3)
    )
    DateAnswer.objects.create(proposal=proposal, enrolment=author, answer="if_need_be")
    wish = {"pause_from": NOW.date() - timedelta(days=6), "pause_until": NOW.date(), "muted_classes": ["survey"]}
    NotificationPreference.objects.create(person=author.person, **wish)
    attendance = Attendance.objects.create(enrolment=author, workshop=workshop, outcome="excused")
    AttendanceNote.objects.create(attendance=attendance, before="absent", outcome="excused", reason="Syg", noted_at=NOW)
    copies = {one: copy_of(one.person, NOW) for one in (author, peer)}

    for copy in copies.values():
        assert [(one["colleague"], one["until"]) for one in copy["seats"]["history"]] == [
            (peer.person.display_name, NOW + timedelta(hours=1))
        ]
    own, other = copies[author], copies[peer]
    assert [one["text"] for one in own["group"]["agreements"]] == ["Vi siger det til hinanden"]
    assert [one["answer"] for one in own["group"]["dates"]] == ["til nød"]
    assert {name: own["wishes"][name] for name in ("pause_from", "pause_until")} == {
        "pause_from": NOW.date() - timedelta(days=6),
        "pause_until": NOW.date(),
    }
    assert own["wishes"]["stopped"] == ["survey"]
    assert [note["reason"] for note in own["cohorts"][0]["events"][0]["noted"]] == ["Syg"]
    assert (other["group"]["agreements"], other["group"]["dates"], other["wishes"]["stopped"]) == ([], [], [])


def test_an_edit_that_is_begun_stands_beside_what_was_saved(author, written):
    entry = written("Som gemt")
    writing.keep_draft(entry, {"text": "Som begyndt"}, edition=entry.edition)
    (kept,) = copy_of(author.person, NOW)["log"]

    assert (kept["text"][0]["text"], kept["saved"]) == ("Som begyndt", ["Som gemt"])
