"""Child processes that never outlive us for long. Standard library only.

Each child leads a process group of its own, so that Ctrl-C reaches us alone and we stop them in order. Each leaves a
pid file, so that the next start ends what a killed one left behind; on Linux the kernel ends them at once.
"""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

PATIENCE = 15  # seconds between asking a process to end and ending it
PR_SET_PDEATHSIG = 1  # prctl(2)


class Ended(Exception):
    """Somebody asked us to stop: Ctrl-C, TERM, or the terminal that went away."""


def end_on_signals() -> None:
    """Turns INT, TERM and HUP into Ended, once; while we stop, further ones are not heard."""

    def ended(number: int, frame: FrameType | None) -> NoReturn:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Ended(number)

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, ended)


def born(pid: int) -> str:
    """When the process started, in the system's own words; empty when there is none. Tells a reused pid apart."""
    if sys.platform != "linux":
        return subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether somebody already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def wait_until(ready: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Asks again and again; False when the time is up."""
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True


def answers(port: int) -> bool:
    """Whether a server accepts connections on that loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def end_group(pid: int, *, patience: float = PATIENCE) -> None:
    """Asks a process group to end, and ends it when it does not."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, how)
        except ProcessLookupError:
            return
        if wait_until(lambda: not _has_members(pid), seconds=patience):
            return


def _has_members(group: int) -> bool:
    with suppress(ChildProcessError):  # not ours: an earlier supervisor's, or already waited for
        os.waitpid(group, os.WNOHANG)
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Child:
    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen
    started: float

    def is_running(self) -> bool:
        return self.process.poll() is None


class Children:
    """The processes of one data folder: their pid files, their logs, and the lock that says whose they are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[Child] = []
        self._lock: TextIO | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def take_folder(self) -> bool:
        """False when another supervisor lives on this folder. What a dead one left behind is ended."""
        self._lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        for file in self.folder.glob("*.pid"):
            pid, _, birth = file.read_text().partition(" ")
            if birth and born(int(pid)) == birth:
                end_group(int(pid), patience=5)
            file.unlink()
        return True

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start(self, name: str, command: Sequence[object], env: Mapping[str, str]) -> Child:
        """Starts it in a group of its own; what it says goes to its log."""
        words = [str(word) for word in command]
        with self.log(name).open("a") as log:
            process = subprocess.Popen(
                words, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )  # fmt: skip
        (self.folder / f"{name}.pid").write_text(f"{process.pid} {born(process.pid)}")
        child = Child(name, words, env, process, time.monotonic())
        self.running.append(child)
        return child

    def stop_all(self) -> None:
        """The last started ends first. A database or broker outlives those who use it."""
        while self.running:
            self.stop(self.running[-1])

    def stop(self, child: Child) -> None:
        end_group(child.process.pid)
        (self.folder / f"{child.name}.pid").unlink(missing_ok=True)
        self.running.remove(child)

    def last_words(self, name: str, lines: int = 15) -> str:
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])


def _end_with_parent() -> None:
    """Runs in the child, before it becomes the program: a killed parent takes it along."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
