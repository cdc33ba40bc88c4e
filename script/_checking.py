"""What is checked before the tests: lint, formatting, types, migrations, static files, lock files.

Beside them each kind of database is migrated once, for all tests to copy: the cores have nothing better to do.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
CHECKS = {
    "ruff check": [BIN / "ruff", "check"],
    "ruff format": [BIN / "ruff", "format", "--check"],
    "templates": [BIN / "djlint", "--lint", "--quiet", "templates"],
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "hashed static files": [*MANAGE, "collectstatic", "--noinput", "--verbosity", "0"],
    "types": [BIN / "mypy"],
}
MIGRATE = [sys.executable, "script/_migrating.py"]
SLOW = {"types", "migrating postgresql", "migrating sqlite"}
LOCKS = ["requirements.txt", "requirements-dev.txt", "script/uv.txt", "package-lock.json"]


@dataclass(frozen=True)
class Job:
    name: str
    command: list[Path | str]
    env: dict[str, str]

    def run(self) -> str:
        """What it complains of; empty when it is content."""
        started = time.monotonic()
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        done = subprocess.run(self.command, cwd=ROOT, env=self.env, **output)
        word = "ok    " if done.returncode == 0 else "FAILED"
        print(f"  {word} {self.name} ({time.monotonic() - started:.0f} s)", flush=True)
        return "" if done.returncode == 0 else done.stdout


def addresses_in_locks() -> str:
    """A lock file says what, never from where: an address in it is somebody's own index."""
    found = [f"{lock} holds an address" for lock in LOCKS if "://" in (ROOT / lock).read_text()]
    print(f"  {'FAILED' if found else 'ok    '} lock files without addresses", flush=True)
    return "\n".join(found)


def all_pass(env: dict[str, str], databases: dict[str, dict[str, str]]) -> bool:
    """Runs every check, two at a time, and shows in full what any of them complains of.

    `databases` says with which environment each kind of database is reached.
    """
    print("Checks", flush=True)
    jobs = [Job(name, command, env) for name, command in CHECKS.items()]
    jobs += [Job(f"migrating {name}", MIGRATE, its) for name, its in databases.items()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(Job.run, sorted(jobs, key=lambda job: job.name not in SLOW)))
    complaints.append(addresses_in_locks())
    for complaint in filter(None, complaints):
        print(f"\n{complaint}", flush=True)
    return not any(complaints)
