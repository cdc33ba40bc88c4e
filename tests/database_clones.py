"""Migrate once, clone often: a template keyed by the hash of all migration files, a copy of it for every worker.

A transactional test flushes every table, also what migrations put there; so it gets a new clone afterwards
instead (tests/conftest.py), and every browser module has one of its own.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections

PREFIX = "test"
current: "Clone | None" = None  # what this worker's tests are on, once a test has asked for a database
_numbers = count(1)


def migrations_key() -> str:
    """Changes whenever a migration file of any installed app does."""
    found = hashlib.sha256(django.get_version().encode())
    for app in apps.get_app_configs():
        for file in sorted((Path(app.path) / "migrations").glob("*.py")):
            found.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return found.hexdigest()[:16]


def point_at(name: str) -> None:
    """Every connection opened from now on, in any thread, goes to that database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name
    ContentType.objects.clear_cache()


class SqliteFiles:
    """Databases are files in one folder."""

    def __init__(self) -> None:
        self.folder = settings.VAR / "databases"
        self.folder.mkdir(exist_ok=True)

    def names(self) -> list[str]:
        return [str(file) for file in self.folder.glob("*.sqlite3")]

    def called(self, name: str) -> str:
        return str(self.folder / f"{name}.sqlite3")

    def create(self, name: str) -> None:
        Path(name).touch()

    def rename(self, old: str, new: str) -> None:
        Path(old).rename(new)

    def copy(self, template: str, name: str) -> None:
        shutil.copyfile(template, name)

    def drop(self, name: str) -> None:
        for file in self.folder.glob(f"{Path(name).name}*"):
            file.unlink()

    def url(self, name: str) -> str:
        return f"sqlite:///{name}"


class PostgresDatabases:
    """Databases of one server; PostgreSQL copies a template by itself."""

    def _run(self, statement: str) -> list[tuple]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def names(self) -> list[str]:
        return [name for (name,) in self._run("SELECT datname FROM pg_database")]

    def called(self, name: str) -> str:
        return name

    def create(self, name: str) -> None:
        self._run(f'CREATE DATABASE "{name}"')

    def rename(self, old: str, new: str) -> None:
        self._run(f'ALTER DATABASE "{old}" RENAME TO "{new}"')

    def copy(self, template: str, name: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def drop(self, name: str) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def url(self, name: str) -> str:
        before, _, query = os.environ["DATABASE_URL"].partition("?")
        return before.rpartition("/")[0] + f"/{name}" + (f"?{query}" if query else "")


def databases() -> SqliteFiles | PostgresDatabases:
    return SqliteFiles() if connection.vendor == "sqlite" else PostgresDatabases()


@contextmanager
def _one_builder() -> Iterator[None]:
    with (settings.VAR / "databases.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def template() -> str:
    """The name of the migrated template; made here when there is none for these migrations."""
    kind = databases()
    name = kind.called(f"template_{migrations_key()}")
    with _one_builder():
        _sweep(kind)
        if name not in kind.names():
            _drop_older_templates(kind)
            building = kind.called(f"{PREFIX}_{os.getpid()}_building")
            kind.create(building)
            _migrate(building)
            kind.rename(building, name)
    return name


def _migrate(name: str) -> None:
    before = connection.settings_dict["NAME"]
    point_at(name)
    if connection.vendor == "sqlite":  # what a power cut would cost is made again
        connection.cursor().execute("PRAGMA synchronous=OFF")
    call_command("migrate", verbosity=0)
    point_at(before)


def _drop_older_templates(kind: SqliteFiles | PostgresDatabases) -> None:
    for name in kind.names():
        if Path(name).stem.startswith("template_"):
            kind.drop(name)


def _sweep(kind: SqliteFiles | PostgresDatabases) -> None:
    """Drops what runs that were killed left behind."""
    for name in kind.names():
        words = Path(name).stem.split("_")
        if words[0] == PREFIX and not _is_alive(int(words[1])):
            kind.drop(name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def clone_of(template: str) -> Iterator[str]:
    """All connections on a new copy, until the block ends; then on what they were on, and the copy is gone."""
    kind, before = databases(), connection.settings_dict["NAME"]
    name = kind.called(f"{PREFIX}_{os.getpid()}_{next(_numbers)}")
    kind.copy(template, name)
    point_at(name)
    try:
        yield name
    finally:
        point_at(before)
        kind.drop(name)


class Clone:
    """The clone that ordinary tests share: each undoes what it wrote, by a rollback or by asking for a new one."""

    def __init__(self) -> None:
        self.template = template()
        self._open = ExitStack()
        self._open.enter_context(clone_of(self.template))

    def renew(self) -> None:
        self.close()
        self._open.enter_context(clone_of(self.template))

    def close(self) -> None:
        self._open.close()
