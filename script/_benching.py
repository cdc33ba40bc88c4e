"""Starts what the benchmarks need and runs them. Started by script/bench, in the virtual environment."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from _processes import Children
from _serving import start_broker
from _testing import ROOT, Postgres, environment, main


def run(arguments: list[str], var: Path, children: Children) -> int:
    keys = {"SECRET_KEY": secrets.token_urlsafe(48), "MASTER_KEYS": f"bench:{secrets.token_urlsafe(48)}"}
    env = {**environment(var), **keys, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "script")])
    env["REDIS_URL"] = start_broker(children, var)
    postgres = Postgres(var / "postgres")
    try:
        return subprocess.run(
            [sys.executable, "-m", "bench", *arguments], cwd=ROOT, env={**env, "DATABASE_URL": postgres.url}
        ).returncode
    finally:
        postgres.stop()


if __name__ == "__main__":
    main("bench", run)
