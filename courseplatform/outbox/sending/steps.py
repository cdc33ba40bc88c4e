"""Named places in the sending of a mail at which a test may stop the process. In earnest they do nothing."""

import os
import signal
from pathlib import Path

from django.conf import settings

PAUSE_AT = "COURSEPLATFORM_PAUSE_AT"  # name:file, like after_dot:/tmp/paused
NAMES = (
    "after_claim",
    "slice_query",
    "before_mail",
    "before_dot",
    "after_dot",
    "after_250",
    "after_commit",
    "in_heartbeat",
)


def step(name: str) -> None:
    """Writes the process's id to the named file and stops the whole process, if the environment asks for just that.

    It goes on where it was when somebody sends it SIGCONT. Only in demo and tests.
    """
    wanted, _colon, file = os.environ.get(PAUSE_AT, "").partition(":")
    if name != wanted or not settings.DEMO:
        return
    with Path(file).open("a") as notes:
        notes.write(f"{os.getpid()} {name}\n")
    os.kill(os.getpid(), signal.SIGSTOP)
