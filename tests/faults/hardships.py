"""What makes a database take nothing for a while, from outside: each is a block, and over at its end."""

import os
import sqlite3
import subprocess
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection

FULL = 64 * 1024  # bytes no SQLite file may grow beyond


# --- SQLite ----------------------------------------------------------------------------------------------------------
@contextmanager
def no_room_in_the_file(world):
    """The kernel lets the senders' files grow no further."""
    processes = [psutil.Process(sender.pid) for sender in world.senders]
    before = [process.rlimit(psutil.RLIMIT_FSIZE) for process in processes]
    for process, (_soft, hard) in zip(processes, before, strict=True):
        process.rlimit(psutil.RLIMIT_FSIZE, (FULL, hard))
    try:
        yield
    finally:
        for process, limits in zip(processes, before, strict=True):
            process.rlimit(psutil.RLIMIT_FSIZE, limits)


@contextmanager
def locked_by_another(world):
    """Somebody else writes, and does not come to an end."""
    with closing(sqlite3.connect(world.orders.database["NAME"], isolation_level=None, timeout=10)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def read_only_file(world):
    """With its write-ahead log, where writes go first. For root modes mean nothing, so for root it is immutable."""
    file = world.orders.database["NAME"]
    files = [name for name in (file, f"{file}-wal") if Path(name).exists()]
    on, off = (("chattr", "+i"), ("chattr", "-i")) if os.geteuid() == 0 else (("chmod", "a-w"), ("chmod", "u+w"))
    if subprocess.run([*on, *files], capture_output=True).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        yield
    finally:
        subprocess.run([*off, *files], check=True)


# --- PostgreSQL ------------------------------------------------------------------------------------------------------
@contextmanager
def read_only_server(world):
    """As after a failover to a server that is not yet the first one."""
    world.server.set("default_transaction_read_only", "on")
    try:
        yield
    finally:
        world.server.set("default_transaction_read_only", "off")


@contextmanager
def no_connection_left(world):
    """Somebody else has them all; the senders' own are cut."""
    connection.close()  # ours is one of them
    with ExitStack() as taken:
        world.server.cut_connections(world.orders.database["NAME"])
        while True:
            try:
                taken.enter_context(psycopg.connect(world.server.url))
            except psycopg.OperationalError:
                break
        yield


@contextmanager
def no_room_on_the_disk(world):
    """The messages lie on a small disk, and a stranger's file fills it up."""
    if os.geteuid() != 0:
        pytest.skip("only root makes disks")
    url = world.server.url_of(world.orders.database["NAME"])
    with world.server.on_small_disk(url, ["outbox_message", "outbox_weeklycount"]) as disk:
        fill(disk / "stranger")
        try:
            yield
        finally:
            (disk / "stranger").unlink()


def fill(file):
    with file.open("wb", buffering=0) as stranger, suppress(OSError):
        while True:
            stranger.write(bytes(8192))


IN_TURN = {
    "sqlite": [no_room_in_the_file, locked_by_another, read_only_file],
    "postgresql": [no_room_on_the_disk, read_only_server, no_connection_left],
}
