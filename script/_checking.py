"""What is checked before the tests: lint, formatting, types, migrations, static files, lock files."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
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
LOCKS = ["requirements.txt", "requirements-dev.txt", "script/uv.txt", "package-lock.json"]


def run(name: str, env: dict[str, str]) -> str:
    """What the check complains of; empty when it is content."""
    started = time.monotonic()
    done = subprocess.run(CHECKS[name], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"  {'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({time.monotonic() - started:.0f} s)", flush=True)
    return "" if done.returncode == 0 else done.stdout


def addresses_in_locks() -> str:
    """A lock file says what, never from where: an address in it is somebody's own index."""
    found = [f"{lock} holds an address" for lock in LOCKS if "://" in (ROOT / lock).read_text()]
    print(f"  {'FAILED' if found else 'ok    '} lock files without addresses", flush=True)
    return "\n".join(found)


def all_pass(env: dict[str, str]) -> bool:
    """Runs every check, two at a time, and shows in full what any of them complains of."""
    print("Checks", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = list(pool.map(lambda name: run(name, env), sorted(CHECKS, key=lambda name: name != "types")))
    complaints.append(addresses_in_locks())
    for complaint in filter(None, complaints):
        print(f"\n{complaint}", flush=True)
    return not any(complaints)
