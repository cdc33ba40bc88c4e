"""The places at which fault tests stop a sender."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from courseplatform.outbox.sending.steps import NAMES, step

AT_WORK = "import os; from django.conf import settings; settings.configure(DEMO={demo}); " + (
    "from courseplatform.outbox.sending.steps import step; step('before_dot'); step('after_dot'); print('went on')"
)


def at_work(pause_at, demo=True):
    env = {**os.environ, "COURSEPLATFORM_PAUSE_AT": pause_at}
    return subprocess.Popen([sys.executable, "-c", AT_WORK.format(demo=demo)], env=env, stdout=subprocess.PIPE)


def is_stopped(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].startswith("T")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_process_stops_at_the_named_step_and_goes_on_when_told(tmp_path):
    notes = tmp_path / "stopped"
    process = at_work(f"after_dot:{notes}")
    deadline = time.monotonic() + 30
    while not (notes.exists() and is_stopped(process)) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert notes.read_text() == f"{process.pid} after_dot\n"
    assert is_stopped(process)
    process.send_signal(signal.SIGCONT)
    assert process.communicate(timeout=30)[0] == b"went on\n"


def test_outside_the_demo_nobody_can_stop_a_process(tmp_path):
    process = at_work(f"after_dot:{tmp_path / 'stopped'}", demo=False)

    assert process.communicate(timeout=30)[0] == b"went on\n"
    assert list(tmp_path.iterdir()) == []


def test_steps_have_names_without_a_colon():
    assert [name for name in NAMES if ":" in name] == []
    for name in NAMES:
        step(name)
