"""Between wall time and UTC. Rules think in wall time; only the result is an instant (MODEL S1, S2)."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def to_utc(local: datetime, tzid: str) -> datetime:
    """The instant of a naive wall time. In a gap: the first valid instant after it; in an overlap: the first.

    Raises ZoneInfoNotFoundError for a zone nobody knows.
    """
    zone = ZoneInfo(tzid)
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return instant if to_local(instant, tzid) == local else _end_of_gap(local, zone)


def to_local(instant: datetime, tzid: str) -> datetime:
    """The naive wall time of an aware instant."""
    return instant.astimezone(ZoneInfo(tzid)).replace(tzinfo=None, fold=0)


def _end_of_gap(local: datetime, zone: ZoneInfo) -> datetime:
    # Read with the offset that follows the change, a time in the gap lies before it; with the earlier offset, after.
    before = local.replace(microsecond=0, tzinfo=zone, fold=1).astimezone(UTC)
    after = local.replace(microsecond=0, tzinfo=zone, fold=0).astimezone(UTC)
    new_offset = after.astimezone(zone).utcoffset()

    def has_changed(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).utcoffset() == new_offset

    seconds = range(int((after - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(seconds, True, key=has_changed))
