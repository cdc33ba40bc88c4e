"""Mails of one instant leave over some minutes, each person at their own (DELIVERY §7)."""

from datetime import timedelta
from uuid import UUID

from courseplatform.outbox.planning.rows import spread


def test_a_morning_is_spread_over_twenty_minutes_by_person(settings):
    settings.SEND_SPREAD = 1200
    offsets = {spread(UUID(int=number * 7919)) for number in range(200)}
    assert timedelta() <= min(offsets) < max(offsets) < timedelta(minutes=20)
    assert len(offsets) > 100
    assert spread(UUID(int=5)) == spread(UUID(int=5))
