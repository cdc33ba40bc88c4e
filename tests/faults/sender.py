"""A sender in a process of its own, for tests to kill: what the workers do at their ticks, again and again.

Each is forked from one that has loaded everything: a fresh start costs seconds, and that is not what is tested.
"""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.urls import reverse
from django.utils.translation import gettext

from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.reaping import reap
from worker import ticks

reverse("me"), gettext("sent")  # every address and language is read now; a worker knows them long before it is killed
log = logging.getLogger(__name__)
PR_SET_PDEATHSIG = 1  # prctl(2)
PAUSE = 0.05  # seconds between two ticks
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["pytest", __name__])


@dataclass(frozen=True)
class Orders:
    """Where a sender works, and for how long."""

    database: dict  # Django's settings of the connection
    relay_port: int
    log: Path
    shift: int  # seconds between the clock on the wall and the test's
    lease: int = 2  # shorter, and a busy machine loses batches that nobody harmed
    again: bool = True  # until it is killed; otherwise one pass
    pause_at: str = ""  # name:file, see outbox/sending/steps.py


class Sender:
    """The handle that tests hold."""

    def __init__(self, orders: Orders):
        self.orders = orders
        self._process = NURSERY.Process(target=work, args=(orders,), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def finish(self, *, seconds=60) -> int:
        """Waits for its end, and wakes it up as often as it stops itself; how it ended."""
        until = time.monotonic() + seconds
        while self._process.is_alive() and time.monotonic() < until:
            os.kill(self.pid, signal.SIGCONT)
            self._process.join(0.05)
        assert not self._process.is_alive(), f"a sender hangs; its log is {self.orders.log}"
        return self._process.exitcode


def work(orders: Orders) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # a test run that is killed leaves nobody at work
    obey(orders)
    tick()
    while orders.again:
        time.sleep(PAUSE)
        tick()


def obey(orders: Orders) -> None:
    """The settings are this process's alone."""
    file = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, sys.stdout.fileno())
    os.dup2(file, sys.stderr.fileno())
    os.environ["COURSEPLATFORM_PAUSE_AT"] = orders.pause_at
    connection.settings_dict.update(orders.database)
    settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", orders.relay_port, 10
    settings.SEND_LEASE, settings.CLOCK_SHIFT = orders.lease, orders.shift


def tick() -> None:
    """As a worker's: a database that is away costs this tick, and the next one tries again."""
    close_old_connections()
    try:
        reap(ticks.now())
        send_due(ticks.now())
    except (DatabaseError, InterfaceError):
        log.exception("This tick is lost")
