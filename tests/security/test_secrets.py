"""Secrets come whole or the start stops: a missing part never becomes an empty key."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from courseplatform import environment

LONG = "b0Zr3lQ2c9vT8sW1xY7uP6nM5kJ4hG0fD2aS3qE8"


@pytest.mark.parametrize("given", [LONG, ",", "2026:", f":{LONG}", "2026:short", f"2026:{LONG},{LONG}"])
def test_master_keys_that_seal_with_next_to_nothing_stop_the_start(given, monkeypatch, tmp_path):
    monkeypatch.setenv("MASTER_KEYS", given)

    with pytest.raises(ImproperlyConfigured, match="Write name:secret") as refused:
        environment.master_keys("MASTER_KEYS", tmp_path / "master.key", may_create=False)

    assert LONG not in str(refused.value)


def test_master_keys_are_taken_as_they_are_given(monkeypatch, tmp_path):
    monkeypatch.setenv("MASTER_KEYS", f"2027:{LONG}, 2026:{LONG[::-1]}")

    keys = environment.master_keys("MASTER_KEYS", tmp_path / "master.key", may_create=False)

    assert keys == [f"2027:{LONG}", f"2026:{LONG[::-1]}"]


def test_several_processes_that_start_at_once_keep_one_whole_secret(monkeypatch, tmp_path):
    monkeypatch.delenv("MASTER_KEYS", raising=False)
    file = tmp_path / "master.key"

    with ThreadPoolExecutor(8) as starting:
        made = list(starting.map(lambda _: environment.master_keys("MASTER_KEYS", file, may_create=True), range(40)))

    assert {tuple(keys) for keys in made} == {(f"embedded:{file.read_text()}",)}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["master.key"]
