"""The product as it runs: gunicorn, a Celery worker and beat, as processes of their own on one database."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from _processes import Children, answers, free_port, wait_until
from django.conf import settings
from django.db import connection

from tests import database_clones

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = [sys.executable, "-m", "celery", "-A", "worker.celery:app"]


class RunningSite:
    """Started at a moment of the test's choosing; `travel_to` restarts everything at another one."""

    def __init__(self, children: Children, *, mail_url: str, redis_url: str) -> None:
        self.children = children
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.inbox = children.folder / "inbox"
        self._env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_clones.databases().url(connection.settings_dict["NAME"]),
            "COURSEPLATFORM_VAR": str(settings.VAR),
            "SECRET_KEY": settings.SECRET_KEY,
            "MASTER_KEYS": ",".join(settings.MASTER_KEYS),
            "SITE_URL": self.url,
            "EMAIL_URL": mail_url,
            "INBOX_URL": self.inbox.as_uri(),
            "REDIS_URL": redis_url,
        }
        self._env.pop("PYTHONDONTWRITEBYTECODE", None)

    def start(self, *, background: bool = False) -> None:
        """The web server, and with `background` the worker and beat. Returns when the web answers."""
        web = [sys.executable, "-m", "gunicorn", "courseplatform.wsgi:application", "--no-control-socket"]
        self.children.start("web", [*web, "--bind", f"127.0.0.1:{self.port}", "--threads", 8], self._env)
        if background:
            self.start_background()
        assert wait_until(lambda: answers(self.port), seconds=60), self.children.last_words("web")

    def start_background(self) -> None:
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        self.children.start("worker", [*CELERY, "worker", "-P", "threads", "-c", 2, *quiet], self._env)
        timetable = ["--schedule", self.children.folder / "beat-schedule", "--pidfile", ""]
        self.children.start("beat", [*CELERY, "beat", *timetable], self._env)

    def travel_to(self, moment: datetime, *, background: bool = False) -> None:
        """The same site, at another moment; time passes from there."""
        self.children.stop_all()
        (self.children.folder / "beat-schedule").unlink(missing_ok=True)
        shift = round((moment - datetime.now(UTC)).total_seconds())
        self._env["COURSEPLATFORM_CLOCK_SHIFT"] = str(shift)
        self.start(background=background)

    def manage(self, *words: object) -> str:
        """Runs a management command on the site's database; what it printed."""
        command = [sys.executable, "manage.py", *map(str, words)]
        done = subprocess.run(command, cwd=ROOT, env=self._env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
