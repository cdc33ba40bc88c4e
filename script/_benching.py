"""Starts what the benchmarks need and runs them. Started by script/bench, in the virtual environment."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

from _processes import Children, Ended, end_on_signals
from _serving import CannotServe, start_broker
from _testing import ROOT, Postgres, environment


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


def main() -> None:
    end_on_signals()
    var = Path(os.environ.get("COURSEPLATFORM_VAR", ROOT / "var" / "bench")).resolve()
    children = Children(var / "run")
    if not children.take_folder():
        sys.exit(f"Another script/bench runs on {var}. Set COURSEPLATFORM_VAR to another folder for a second one.")
    try:
        sys.exit(run(sys.argv[1:], var, children))
    except CannotServe as reason:
        sys.exit(str(reason))
    except Ended:
        sys.exit(130)
    finally:
        children.stop_all()


if __name__ == "__main__":
    main()
