"""Counts what happens and leaves no row to count: remembered in a process, written down a batch at a time.

`count` costs nothing and may be called for every mail. `write_down` is one statement, at the end of a batch or a tick;
what a killed process had not written down is missing from the figures, and from nothing else.
"""

from collections import Counter
from threading import Lock

from django.db import connection

# In one order everywhere: two senders that write the same rows wait for each other, and never in a circle.
ADD = """
    INSERT INTO outbox_deliverycount (name, label, number) VALUES {rows}
    ON CONFLICT (name, label) DO UPDATE SET number = outbox_deliverycount.number + excluded.number"""

WITH_A_REASON = frozenset({"failed", "suppressed", "cancelled", "held"})
ENDS = WITH_A_REASON | {"sent", "merged"}

_lock = Lock()
_seen: Counter[tuple[str, str]] = Counter()


def count(name: str, label: str = "", number: float = 1) -> None:
    """One more of these, or so many. The name is the metric's, without `delivery_` and `_total` (DELIVERY §11)."""
    with _lock:
        _seen[name, label] += number  # type: ignore[assignment]  # seconds are counted too


def count_outcome(state: str, reason: str, number: int) -> None:
    """So many messages ended that way. Going back to wait is no end."""
    if state in ENDS:
        count(state, reason if state in WITH_A_REASON else "", number)


def count_reply(code: int | None) -> None:
    """What the relay said of a mail: “2xx”, “4xx”, “5xx”, or nothing at all."""
    count("smtp_reply", f"{code // 100}xx" if code else "none")


def observe(name: str, seconds: float) -> None:
    """How long something took: its sum, and how often."""
    count(f"{name}_sum", number=seconds)
    count(f"{name}_count")


def write_down() -> None:
    """What has been counted since the last time becomes part of the figures. No statement where that is nothing."""
    with _lock:
        seen = sorted((name, label, number) for (name, label), number in _seen.items() if number)
        _seen.clear()
    if seen:
        rows = ", ".join(["(%s, %s, %s)"] * len(seen))
        with connection.cursor() as cursor:
            cursor.execute(ADD.format(rows=rows), [value for row in seen for value in row])
