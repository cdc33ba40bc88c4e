"""Keeps a lease alive while its holder waits: the answer to a final dot may take ten minutes (DELIVERY §§5, 9)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import Error, connection

from courseplatform.outbox.sending.claiming import HEARTBEATS, Lease

log = logging.getLogger(__name__)


@contextmanager
def beating(lease: Lease) -> Iterator[None]:
    """While the block runs, the lease is extended four times in its length, on a connection of its own."""
    ended = Event()
    heart = Thread(target=_beat, args=(lease, ended), name=f"heartbeat of claim {lease.claim}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join(settings.SEND_LEASE)  # a database that hangs keeps this thread, not the sender


def _beat(lease: Lease, ended: Event) -> None:
    while not ended.wait(settings.SEND_LEASE / HEARTBEATS) and not lease.is_lost:
        try:
            lease.keep_alive()
        except Error as error:
            # Without a good one the holder takes itself for dead in time; the next may be good again.
            log.warning("No heartbeat for claim %s: %s", lease.claim, type(error).__name__)
            connection.close()
    connection.close()
