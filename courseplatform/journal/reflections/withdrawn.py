"""What its author took back or deleted stays so in a database from a backup: nobody reads it again (I7, I18)."""

from datetime import datetime
from uuid import UUID

from courseplatform.journal.models import Reflection
from courseplatform.people import tombstones

DELETED, TAKEN_BACK = "journal.reflection deleted", "journal.reflection taken back"
PRIVATE = {"visibility": Reflection.Visibility.PRIVATE, "shared_at": None}


def remember() -> None:
    """How to do both again; called once, at the start."""
    tombstones.erased_by(DELETED, _delete)
    tombstones.erased_by(TAKEN_BACK, _take_back)


def _delete(entries: list[UUID], now: datetime) -> None:
    standing = Reflection.objects.filter(pk__in=entries).exclude(state=Reflection.State.DELETED)
    standing.update(state=Reflection.State.DELETED, deleted_at=now, **PRIVATE)


def _take_back(entries: list[UUID], now: datetime) -> None:
    Reflection.objects.filter(pk__in=entries).update(**PRIVATE)
