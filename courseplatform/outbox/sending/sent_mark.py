"""What the senders have taken in hand, noted outside the database: a database from a backup knows less than that.

The mark lies in the data folder, and in Redis where there is one. It may be lost at any time; nothing waits for it.
"""

import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import redis
from django.conf import settings

log = logging.getLogger(__name__)
KEY = "sent-mark"
PATIENCE = 1  # seconds: a mark is not worth waiting for


@dataclass(frozen=True)
class Mark:
    """The newest claim (its id only grows), when it was made, and in which database."""

    database: UUID
    claim: int
    at: datetime

    def to_json(self) -> str:
        return json.dumps({"database": str(self.database), "claim": self.claim, "at": self.at.isoformat()})

    @classmethod
    def from_json(cls, text: str | bytes) -> "Mark":
        """Raises ValueError, KeyError or TypeError for anything but a mark."""
        read = json.loads(text)
        return cls(UUID(str(read["database"])), int(read["claim"]), datetime.fromisoformat(read["at"]))


def marks() -> list[Mark]:
    """The marks there are, the newest last. One that cannot be read counts as lost."""
    return sorted(filter(None, (_in_file(), _in_redis())), key=lambda mark: mark.claim)


def remember(mark: Mark) -> None:
    """Notes it, unless a newer one of the same database is there. Call it after the commit it tells of.

    Of two at the same instant either may stand: the next one makes it good.
    """
    if any(other.database == mark.database and other.claim > mark.claim for other in marks()):
        return
    _into_file(mark)
    _into_redis(mark)


def file() -> Path:
    return Path(settings.VAR) / f"{KEY}.json"


def _in_file() -> Mark | None:
    try:
        return Mark.from_json(file().read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("The mark of what was sent cannot be read from %s: %s", file(), type(error).__name__)
        return None


def _into_file(mark: Mark) -> None:
    draft = file().with_suffix(f".{os.getpid()}")
    try:
        draft.write_text(mark.to_json())
        draft.replace(file())
    except OSError as error:
        log.warning("The mark of what was sent cannot be written to %s: %s", file(), type(error).__name__)


def _in_redis() -> Mark | None:
    if not settings.REDIS_URL:
        return None
    try:
        text = _redis(settings.REDIS_URL).get(KEY)
        return Mark.from_json(text) if text else None
    except (redis.RedisError, ValueError, KeyError, TypeError) as error:
        log.warning("The mark of what was sent cannot be read from Redis: %s", type(error).__name__)
        return None


def _into_redis(mark: Mark) -> None:
    if not settings.REDIS_URL:
        return
    try:
        _redis(settings.REDIS_URL).set(KEY, mark.to_json())
    except redis.RedisError as error:
        log.warning("The mark of what was sent cannot be written to Redis: %s", type(error).__name__)


@lru_cache(maxsize=1)
def _redis(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
