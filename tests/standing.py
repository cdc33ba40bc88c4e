"""Rows that stand for a whole module, because making them costs more than the tests that look at them."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def standing(build: Callable[[], Any], blocker: Any) -> Iterator[Callable[[], Any]]:
    """Hands out what `build` made, each time as new objects. Every test works inside a savepoint of its own.

    Not for modules with a transactional test: that one would wait for this transaction, or flush it away.
    """
    with blocker.unblock(), transaction.atomic():
        made = pickle.dumps(build())
        yield lambda: pickle.loads(made)
        transaction.set_rollback(True)
