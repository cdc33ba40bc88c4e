"""What the commands do with a place where nothing has been loaded."""

import pytest
from django.core.management import CommandError, call_command

from lessons.folder import from_folder
from lessons.models import ProgrammePage, ProgrammeVersion
from lessons.versions import digest_of
from tests.factories import DEMO_FOLDER

pytestmark = pytest.mark.django_db

TWIN = "lessons/a1-1-digitalisering-i-ledelsesrummet.en.md"


def test_the_command_publishes_the_first_version_and_later_ones_only_on_request(capsys):
    call_command("load_programme", DEMO_FOLDER)
    first = capsys.readouterr().out
    call_command("load_programme", DEMO_FOLDER)
    second = capsys.readouterr().out

    assert "35" in first
    assert "1.0" in first
    assert "1.0" not in second
    assert [(version.number, version.digest) for version in ProgrammeVersion.objects.all()] == [
        ("1.0", digest_of(from_folder(DEMO_FOLDER)))
    ]


def test_the_command_tells_every_mistake_and_loads_nothing(folder, edit):
    edit("programme.yaml", "length_weeks: 40", "length_weks: 40")
    edit(TWIN, "minutes: 25", "minutes: 20")

    with pytest.raises(CommandError) as caught:
        call_command("load_programme", folder)

    assert "programme.yaml:" in str(caught.value)
    assert TWIN in str(caught.value)
    assert not ProgrammePage.objects.exists()


def test_folder_to_pages_to_folder_is_byte_equal(tmp_path):
    call_command("load_programme", DEMO_FOLDER)
    call_command("export_programme", "digital-ledelse-i-praksis", tmp_path / "one")
    call_command("load_programme", tmp_path / "one")
    call_command("export_programme", "digital-ledelse-i-praksis", tmp_path / "two")

    for original in (DEMO_FOLDER / "lessons").iterdir():
        assert (tmp_path / "one" / "lessons" / original.name).read_bytes() == original.read_bytes()
    assert (tmp_path / "one" / "programme.yaml").read_bytes() == (tmp_path / "two" / "programme.yaml").read_bytes()
