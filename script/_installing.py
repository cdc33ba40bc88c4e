"""Makes the virtual environment, installs a lock file into it, and fetches the design system. Standard library only.

Nothing is done twice: what was installed is remembered by the hash of its lock file.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ASSETS = ROOT / "static" / "vendor"
# The development lock holds everything the other one does, in the same versions.
HOLDS = {"requirements.txt": ["requirements.txt"], "requirements-dev.txt": ["requirements.txt", "requirements-dev.txt"]}


class Stop(Exception):
    """What went wrong, in a sentence for the person at the keyboard."""


def digest(*files: Path) -> str:
    """One short hash of the contents of these files, in this order."""
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


@contextmanager
def alone() -> Iterator[None]:
    """One installation at a time in this checkout, however many servers start."""
    folder = os.open(ROOT / "script", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def run(*command: object, what: str) -> None:
    """Runs it; raises Stop with `what` failed when it does not end well."""
    quiet = {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.run([str(word) for word in command], env={**os.environ, **quiet}, cwd=ROOT).returncode != 0:
        raise Stop(f"{what} failed; the lines above say why.")


def make_venv() -> None:
    """A virtual environment with pip and a Python we can use; one that is broken is made anew."""
    usable = [PYTHON, "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    if not PYTHON.exists() or subprocess.run(usable, capture_output=True).returncode != 0:
        run(sys.executable, "-m", "venv", "--clear", VENV, what="Making the virtual environment")


def install(lock: str) -> None:
    """Everything in the lock file, by its hashes. pip does it where uv cannot be had."""
    remembered = VENV / "installed"
    keys = {digest(ROOT / name) for name in HOLDS[lock]}
    already = set(remembered.read_text().split()) if remembered.exists() else set()
    if digest(ROOT / lock) in already and PYTHON.exists():
        return
    print(f"Installing {lock} …", flush=True)
    make_venv()
    try:
        run(PYTHON, "-m", "pip", "install", "-qq", "--require-hashes", "-r", ROOT / "script" / "uv.txt", what="uv")
        installer = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON]
    except Stop:
        print("uv cannot be had here; pip installs instead, which takes longer.", flush=True)
        installer = [PYTHON, "-m", "pip", "install", "--quiet"]
    run(*installer, "--require-hashes", "-r", ROOT / lock, what=f"Installing {lock}")
    remembered.write_text("\n".join(sorted(already | keys)))


def start_fetching_assets() -> subprocess.Popen | None:
    """Fetches the design system while Python's packages install; None when what is here is what the lock says."""
    remembered, key = ASSETS / "fetched", digest(ROOT / "package-lock.json", ROOT / "script" / "assets")
    if remembered.exists() and remembered.read_text() == key:
        return None
    return subprocess.Popen([sys.executable, ROOT / "script" / "assets"], cwd=ROOT)


def finish_fetching_assets(fetching: subprocess.Popen | None) -> None:
    if fetching is None:
        return
    if fetching.wait() != 0:
        raise Stop("Fetching the design system failed; the lines above say why.")
    (ASSETS / "fetched").write_text(digest(ROOT / "package-lock.json", ROOT / "script" / "assets"))


def main(lock: str) -> None:
    with alone():
        if not PYTHON.exists():
            make_venv()  # the assets may need it, where node has to come from a package
        fetching = start_fetching_assets()
        install(lock)
        finish_fetching_assets(fetching)
        run(PYTHON, ROOT / "script" / "_translating.py", what="Compiling the translations")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Stop as stop:
        sys.exit(str(stop))
