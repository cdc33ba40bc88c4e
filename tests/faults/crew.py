"""Everybody who delivers in earnest: a Valkey, a Celery worker, beat and the watch, each a process to be killed.

Their ticks are fifteen times as fast as outside, so that nobody has to wait a minute and a half.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import redis
from _processes import Child, Children, answers, free_port, wait_until
from _serving import CELERY, valkey_binary

from tests import database_clones
from tests.faults.world import World

ROOT = Path(__file__).resolve().parent.parent.parent
FASTER = {"PLAN_EVERY": "5", "DISPATCH_EVERY": "1", "REAP_EVERY": "2", "SEND_LEASE": "8"}
KEY = "0123456789abcdef" * 3


class Crew:
    """Works on a world's messages, and hands them to its relay."""

    def __init__(self, world: World, database: str, folder: Path):
        self.children, self.port, self.folder = Children(folder / "run"), free_port(), folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("COURSEPLATFORM_", "EMAIL_"))}
        self.env = kept | FASTER | {
            "DJANGO_SETTINGS_MODULE": "courseplatform.settings",
            "COURSEPLATFORM_DEMO": "True",
            "COURSEPLATFORM_TESTS": "True",
            "COURSEPLATFORM_VAR": str(folder),
            "COURSEPLATFORM_CLOCK_SHIFT": str(world.orders.shift),
            "DATABASE_URL": database_clones.databases().url(database),
            "REDIS_URL": f"redis://127.0.0.1:{self.port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{world.sink.port}",
            "SECRET_KEY": KEY,
            "MASTER_KEYS": f"test:{KEY}",
        }  # fmt: skip

    def start_broker(self) -> Child:
        """Always empty, always on the same port."""
        binary, missing = valkey_binary()
        assert binary, missing
        words = [
            binary,
            "--port",
            self.port,
            "--bind",
            "127.0.0.1",
            "--dir",
            self.folder,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        child = self.children.start("valkey", words, {})
        assert wait_until(lambda: answers(self.port), seconds=10), self.children.last_words("valkey")
        return child

    def start_worker(self) -> Child:
        command = [*CELERY, "worker", "-P", "threads", "-c", 2, "--without-gossip", "--without-mingle"]
        return self.children.start("worker", [*command, "--loglevel", "INFO"], self.env)

    def start_beat(self, name: str = "beat") -> Child:
        timetable = ["--schedule", self.folder / name, "--pidfile", ""]
        return self.children.start(name, [*CELERY, "beat", *timetable], self.env)

    def start_watch(self) -> Child:
        return self.children.start("watch", [sys.executable, ROOT / "manage.py", "deliver", "--watch"], self.env)

    def is_complete(self) -> bool:
        """Whether nobody has ended by itself. Who has is started again, as a supervisor does."""
        ended = [child for child in self.children.running if not child.is_running()]
        for child in ended:
            self.children.running.remove(child)
            self.children.start(child.name, child.command, child.env)
        return not ended

    def kill(self, child: Child) -> None:
        """At once, without a word to anybody."""
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        self.children.running.remove(child)

    def kill_all(self) -> None:
        for child in [*self.children.running]:
            self.kill(child)

    def forget_all(self) -> None:
        redis.Redis(port=self.port).flushall()

    def log(self, name: str) -> str:
        return self.children.log(name).read_text(errors="replace")
