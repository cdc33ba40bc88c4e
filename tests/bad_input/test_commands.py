"""A command with a wrong argument: one clear sentence, exit code 1, no traceback, and nothing has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from courseplatform.cohorts.models import Cohort
from courseplatform.people.privacy.sealing import seal
from lessons.models import ProgrammePage
from tests.factories import DEMO_FOLDER, CohortFactory, EnrolmentFactory, UserFactory

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def said(*arguments, language="en", **options):
    """The sentence a command refuses with."""
    with override(language), pytest.raises(CommandError) as refused:
        call_command(*arguments, **options)
    assert refused.value.returncode == 1
    return str(refused.value)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(DEMO_FOLDER, tmp_path / "programme"))


# --- load_programme and export_programme -----------------------------------------------------------------------------
def test_a_folder_that_is_not_there_is_named(tmp_path):
    missing = tmp_path / "missing"

    assert said("load_programme", missing) == f"programme.yaml:1: There is no programme.yaml in {missing}."
    assert said("load_programme", missing, language="da") == (
        f"programme.yaml:1: Der er ingen programme.yaml i {missing}."
    )


def test_a_file_is_no_folder():
    file = DEMO_FOLDER / "programme.yaml"

    assert said("load_programme", file) == f"programme.yaml:1: There is no programme.yaml in {file}."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"title: {da: Uden slut", "This is not valid YAML: expected ',' or '}', but got '<stream end>'."),
        (b"", "programme.yaml is not a list of keys and values."),
        (b"hej", "programme.yaml is not a list of keys and values."),
        (b"[1, 2]", "programme.yaml is not a list of keys and values."),
        (b"a: *b", "This is not valid YAML: an alias (*) is not used here."),
    ],
)
def test_broken_yaml_is_told_by_line_and_nothing_is_written(folder, text, sentence):
    (folder / "programme.yaml").write_bytes(text)

    assert said("load_programme", folder) == f"programme.yaml:1: {sentence}"
    assert not ProgrammePage.objects.exists()


def test_a_file_of_other_bytes_is_told_by_line(folder):
    (folder / "programme.yaml").write_bytes("title: Ledelse på afstand".encode("utf-16"))

    assert said("load_programme", folder) == "programme.yaml:1: The file is not UTF-8. Save it as UTF-8 and try again."


def test_deep_nesting_is_told_and_does_not_end_the_program(folder):
    (folder / "programme.yaml").write_text("a: " + "[" * 5000)

    assert said("load_programme", folder) == "programme.yaml:1: The lists here stand too deep inside each other."


def test_an_unknown_programme_is_not_written(tmp_path):
    target = tmp_path / "out"

    assert said("export_programme", "findes-ikke", target) == "There is no programme “findes-ikke”."
    assert said("export_programme", "findes-ikke", target, language="da") == "Der er intet forløb »findes-ikke«."
    assert not target.exists()


def test_a_folder_nobody_can_write_to_is_told(tmp_path):
    call_command("load_programme", DEMO_FOLDER, verbosity=0, stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115
    (tmp_path / "file").write_text("I am in the way")

    sentence = said("export_programme", "digital-ledelse-i-praksis", tmp_path / "file")

    assert sentence == f"{tmp_path / 'file'} cannot be written to."


# --- The others ------------------------------------------------------------------------------------------------------
def test_a_preview_of_nobody_names_who_was_asked_for():
    cohort = CohortFactory(name="Hold efterår")

    assert said("preview_messages", "Findes ikke") == "There is no cohort called “Findes ikke”."
    assert said("preview_messages", cohort.name, person="x@y.example") == "x@y.example is not on Hold efterår."
    assert said("preview_messages", cohort.name, person="x@y.example", language="da") == (
        "x@y.example er ikke på Hold efterår."
    )


@pytest.mark.parametrize("text", ["nonsense", "2026-13-01T00:00:00Z", "99999-01-01T00:00:00Z", "9" * 5000, "\0"])
def test_an_instant_that_is_none_gets_an_example(text):
    assert said("deliver", now=text) == f"“{text}” is not an instant. Write it like 2026-10-27T07:30:00Z."


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_an_instant_at_the_end_of_time_is_refused(text):
    assert said("deliver", now=text) == f"“{text}” is too far away. Write an instant between the years 2000 and 2099."


def test_the_demo_does_not_move_in_beside_real_people():
    EnrolmentFactory()

    assert said("seed_demo") == "There are real enrolments here. The demo only moves into a database of its own."
    assert Cohort.objects.count() == 1


def test_an_unknown_master_key_is_named_and_every_key_stays(settings):
    author = UserFactory()
    settings.MASTER_KEYS = ["old:" + "a" * 40]
    seal(author, "en linje", "1")
    settings.MASTER_KEYS = ["new:" + "b" * 40]

    assert said("rotate_keys") == (
        "A key stays shut: Master key “old” is not among MASTER_KEYS. Add the old master key, last, and run it again."
    )
    author.key.refresh_from_db()
    assert author.key.master_key == "old"


@pytest.mark.parametrize("arguments", [["load_programme", "/nowhere"], ["deliver", "--now", "nonsense"]])
def test_in_a_shell_it_is_one_line_and_exit_code_1(arguments, tmp_path):
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")}
    env |= {"COURSEPLATFORM_VAR": str(tmp_path), "COURSEPLATFORM_DEMO": "True"}
    command = [sys.executable, "manage.py", *arguments]

    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith("CommandError: ")
