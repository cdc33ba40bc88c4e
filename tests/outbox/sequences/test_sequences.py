"""Any order of things that can happen to a cohort ends as the rules say (DELIVERY §12 S1, MODEL I11, I12, P5–P8, S3).

`machine` says what can happen, `model` what ought to come of it. S1_SEED throws the dice that a failing run printed.
"""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.counts import IS_FULL, say
from tests.outbox.sequences.machine import Sequences
from tests.outbox.sequences.world import Scene

# An ordinary run fails for a reason in its change, or not at all: it lives through the same histories every time.
SEED = int(os.environ.get("S1_SEED", random.randrange(2**32) if IS_FULL else 1))
SIZE = settings(
    max_examples=int(os.environ.get("S1_EXAMPLES", 2000 if IS_FULL else 8)),
    stateful_step_count=60 if IS_FULL else 25,
    deadline=None,
    database=None,
    # Looking for more to explain a failure takes ten times as long.
    phases=[Phase.generate, Phase.shrink] if IS_FULL else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db
def test_any_order_of_things_ends_as_the_rules_say(settings, tmp_path):
    settings.EMAIL_BACKEND = "tests.outbox.sequences.sink.EmailBackend"
    settings.VAR = tmp_path
    scene = Scene()
    say(f"S1_SEED={SEED}")
    run_state_machine_as_test(seed(SEED)(lambda: Sequences(scene)), settings=SIZE)
