"""How often: everything with `script/test --faults`, otherwise a tenth."""

import os
import random
import sys

IS_FULL = os.environ.get("COURSEPLATFORM_FAULTS") == "full"


def often(full: int) -> int:
    """The full count, or a tenth of it, at least one."""
    return full if IS_FULL else max(1, full // 10)


def dice() -> random.Random:
    """Random instants that can be had again: FAULTS_SEED is what a failing test printed."""
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(2**32)))
    say(f"FAULTS_SEED={seed}")
    return random.Random(seed)


def say(words: str) -> None:
    """For a failure's report, and for `pytest -rP`."""
    sys.stdout.write(f"{words}\n")
