"""What is installed is known by its hash, and no lock file tells anybody's index (docs/decisions)."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ["requirements.txt", "requirements-dev.txt", "script/uv.txt"]
NPM_LOCKS = ["package-lock.json", "script/lighthouse_lock/package-lock.json"]


def pinned(lock):
    """Name to version, as the lock file says it."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", (ROOT / lock).read_text(), re.M))


@pytest.mark.parametrize("lock", [*PYTHON_LOCKS, *NPM_LOCKS])
def test_lock_files_hold_no_address(lock):
    assert "://" not in (ROOT / lock).read_text()


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_package_is_pinned_with_a_hash(lock):
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / lock).read_text(), flags=re.M)
    packages = [block for block in blocks if block.strip() and not block.startswith("#")]

    assert packages
    assert [block.splitlines()[0] for block in packages if "==" not in block or "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", NPM_LOCKS)
def test_every_npm_package_has_an_integrity_hash(lock):
    packages = json.loads((ROOT / lock).read_text())["packages"]

    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_the_development_lock_holds_the_other_one_in_the_same_versions():
    development = pinned("requirements-dev.txt")

    assert {name: development.get(name) for name in pinned("requirements.txt")} == pinned("requirements.txt")


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = [re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in project["project"]["dependencies"]]

    assert sorted(set(names) - set(pinned("requirements.txt"))) == []
