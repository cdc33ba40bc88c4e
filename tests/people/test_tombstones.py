"""What was erased stays erased, also in a database from a backup (MODEL I18)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.erasing import erase
from courseplatform.journal.experiments import observations
from courseplatform.journal.insights import sharing as insights
from courseplatform.journal.models import Experiment, Insight, Project, Reflection, ReflectionRevision
from courseplatform.journal.reflections import writing
from courseplatform.journal.withdrawn import note_taken_back
from courseplatform.people.models import NotificationPreference, PersonKey, Tombstone
from courseplatform.people.privacy import sealing, tombstones
from tests.factories import EnrolmentFactory
from worker import ticks

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    return settings.ERASURES_FILE


@pytest.fixture
def entry():
    return shared_entry()


def shared_entry():
    enrolment = EnrolmentFactory()
    shared = {"state": "saved", "visibility": "group", "shared_at": TUESDAY}
    return Reflection.objects.create(
        enrolment=enrolment, author=enrolment.person, model_key="free", occurred_on=TUESDAY.date(), sealed=b"", **shared
    )


def standing(entry):
    return Reflection.objects.values_list("state", "visibility", "shared_at").get(pk=entry.pk)


def restored(entry):
    """The database of before: the row is back, and nothing here says that it was ever erased."""
    Tombstone.objects.all().delete()
    Reflection.objects.filter(pk=entry.pk).delete()
    Tombstone.objects.all().delete()
    entry._state.adding = True
    entry.save(force_insert=True)


def test_an_entry_that_was_erased_is_erased_again_by_the_first_tick_after_a_restore(entry, ledger):
    writing.delete(Reflection.objects.get(), TUESDAY)
    assert writing.erase_deleted(TUESDAY + 30 * DAY) == 1
    ticks.reap_tick(TUESDAY + 30 * DAY)
    restored(entry)
    assert standing(entry) == ("saved", "group", TUESDAY)

    ticks.reap_tick(TUESDAY + 31 * DAY)

    assert not Reflection.objects.exists()
    row = Tombstone.objects.get(kind="journal.reflection")
    assert (row.object_id, row.rule) == (entry.pk, "deleted_30_days_ago")


def test_what_its_author_deleted_or_took_back_since_the_backup_is_not_read_again(entry):
    other = shared_entry()
    writing.delete(Reflection.objects.get(pk=entry.pk), TUESDAY)
    writing.share(Reflection.objects.get(pk=other.pk), "private", TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    restored(entry)
    restored(other)

    assert tombstones.keep_in_step(TUESDAY + DAY) == 2

    assert standing(entry) == ("deleted", "private", None)
    assert standing(other) == ("saved", "private", None)


def test_a_destroyed_key_is_destroyed_again(entry):
    author = entry.author
    sealing.seal(author, "før", "række")
    before = PersonKey.objects.values().get(person=author)
    sealing.destroy_key(author, TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    Tombstone.objects.all().delete()
    PersonKey.objects.filter(person=author).update(**before)

    tombstones.keep_in_step(TUESDAY + DAY)

    key = PersonKey.objects.get(person=author)
    assert (key.wrapped, key.destroyed_at) == (None, TUESDAY + DAY)


def test_somebody_who_had_everything_erased_is_erased_again_as_a_whole(entry):
    """Not only the rows that held a text: they have also left their cohort, and are not asked anything."""
    enrolment = entry.enrolment
    erase(entry.author, TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    restored(entry)
    Enrolment.objects.update(state="active", ended_at=None)
    NotificationPreference.objects.all().delete()

    tombstones.keep_in_step(TUESDAY + DAY)

    enrolment.refresh_from_db()
    assert enrolment.state == "withdrawn"
    assert "prompt" in NotificationPreference.objects.get(person=entry.author).muted_classes
    assert not Reflection.objects.exists()


def test_a_learning_point_and_an_experiment_that_were_taken_back_are_private_again(entry):
    enrolment = entry.enrolment
    project = Project.objects.create(enrolment=enrolment, sealed=b"")
    shared = {"visibility": "group", "sealed": b""}
    experiment = Experiment.objects.create(project=project, enrolment=enrolment, shared_at=TUESDAY, **shared)
    insight = Insight.objects.create(enrolment=enrolment, consent_at=TUESDAY, **shared)
    insights.take_back(insight, TUESDAY)
    observations.share(experiment, "private", TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    Tombstone.objects.all().delete()
    Insight.objects.update(visibility="group", consent_at=TUESDAY)
    Experiment.objects.update(visibility="group", shared_at=TUESDAY)

    tombstones.keep_in_step(TUESDAY + DAY)

    assert Insight.objects.values_list("visibility", "consent_at").get() == ("private", None)
    assert Experiment.objects.values_list("visibility", "shared_at").get() == ("private", None)


def test_what_was_taken_back_a_second_time_after_the_backup_is_private_again(entry):
    """The backup knows of the first time, and that it was shared again."""
    note_taken_back(entry, TUESDAY - DAY)
    tombstones.keep_in_step(TUESDAY)
    note_taken_back(entry, TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    Tombstone.objects.update(erased_at=TUESDAY - DAY)
    assert standing(entry)[1] == "group"

    assert tombstones.keep_in_step(TUESDAY + DAY) == 1

    assert standing(entry)[1] == "private"
    assert tombstones.keep_in_step(TUESDAY + DAY) == 0


def test_what_was_shared_again_stays_shared_where_nothing_was_restored(entry):
    writing.share(Reflection.objects.get(), "private", TUESDAY)
    tombstones.keep_in_step(TUESDAY)
    Reflection.objects.update(visibility="cohort")

    assert tombstones.keep_in_step(TUESDAY + DAY) == 0

    assert standing(entry)[1] == "cohort"


def test_the_file_says_what_was_erased_and_when_and_nothing_it_said(entry, ledger):
    Reflection.objects.all().delete()

    tombstones.keep_in_step(TUESDAY)
    tombstones.keep_in_step(TUESDAY)

    [line] = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert line.keys() == {"kind", "id", "at", "rule"}
    assert (line["kind"], line["id"], line["rule"]) == ("journal.reflection", str(entry.pk), "author")


def test_a_file_that_is_lost_is_written_anew(entry, ledger):
    Reflection.objects.all().delete()
    tombstones.keep_in_step(TUESDAY)
    before = ledger.read_text()
    ledger.unlink()

    tombstones.keep_in_step(TUESDAY)

    assert ledger.read_text() == before


def test_a_line_that_is_damaged_costs_that_line_alone(entry, ledger, caplog):
    ledger.write_text('{"kind": "journal.refl\n')
    tombstones.write([tombstones.Erased("journal.gone_model", entry.pk, TUESDAY, "author")])
    ledger.open("a").write(tombstones.Erased("journal.reflection", entry.pk, TUESDAY, "author").to_json() + "\n")

    assert tombstones.keep_in_step(TUESDAY) == 1

    assert not Reflection.objects.exists()
    assert f"Line 1 of {ledger} cannot be read: JSONDecodeError" in caplog.messages
    assert len(ledger.read_text().splitlines()) == 3


def test_while_nothing_is_erased_a_tick_asks_one_query(django_assert_num_queries):
    tombstones.keep_in_step(TUESDAY)

    with django_assert_num_queries(1):
        tombstones.keep_in_step(TUESDAY)


def test_files_of_other_machines_are_read_by_hand(entry, ledger, tmp_path, capsys):
    other = tmp_path / "other.jsonl"
    other.write_text(tombstones.Erased("journal.reflection", entry.pk, TUESDAY, "author").to_json() + "\n")

    call_command("erase_again", str(other))

    assert capsys.readouterr().out == "1 erasures were unknown here and are done again.\n"
    assert not Reflection.objects.exists()
    assert other.read_text() == ledger.read_text()
    with pytest.raises(CommandError, match="no such file"):
        call_command("erase_again", str(tmp_path / "none.jsonl"))


def test_every_model_with_a_sealed_text_leaves_tombstones():
    from django.db.models.signals import post_delete

    sealed = [model for model in apps.get_models() if hasattr(model, "sealed")]

    assert {Reflection, ReflectionRevision} < set(sealed)
    assert [model for model in sealed if not post_delete.has_listeners(model)] == []


def test_an_erasure_that_does_not_come_about_leaves_no_tombstone(entry):
    with transaction.atomic():
        Reflection.objects.all().delete()
        assert Tombstone.objects.exists()
        transaction.set_rollback(True)

    assert not Tombstone.objects.exists()
