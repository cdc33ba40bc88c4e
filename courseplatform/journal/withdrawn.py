"""What its author took back or deleted stays so in a database from a backup: nobody reads it again (I7, I18)."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import models

from courseplatform.journal.models import Experiment, Insight, Reflection
from courseplatform.people.privacy import tombstones

DELETED = "journal.reflection deleted"
# How each is nobody's but its author's.
PRIVATE: dict[type[models.Model], dict[str, object]] = {
    Reflection: {"visibility": Reflection.Visibility.PRIVATE, "shared_at": None},
    Experiment: {"visibility": Reflection.Visibility.PRIVATE, "shared_at": None},
    Insight: {"visibility": Insight.Visibility.PRIVATE, "consent_at": None},
}


def note_deleted(entry: Reflection, now: datetime) -> None:
    """In the transaction that deletes it; erasing for good comes later."""
    tombstones.bury(DELETED, entry.pk, now)


def note_taken_back(row: Reflection | Experiment | Insight, now: datetime) -> None:
    """In the transaction that takes it back. Shared again and then restored, it is private: the safe side."""
    tombstones.bury_again(_taken_back(type(row)), row.pk, now)


def _taken_back(model: type[models.Model]) -> str:
    return f"{model._meta.label_lower} taken back"


def remember() -> None:
    """How to do all that again; called once, at the start."""
    tombstones.erased_by(DELETED, _delete)
    for model in PRIVATE:
        tombstones.erased_by(_taken_back(model), partial(_take_back, model))


def _delete(entries: list[UUID], now: datetime) -> None:
    standing = Reflection.objects.filter(pk__in=entries).exclude(state=Reflection.State.DELETED)
    standing.update(state=Reflection.State.DELETED, deleted_at=now, **PRIVATE[Reflection])


def _take_back(model: type[models.Model], rows: list[UUID], _now: datetime) -> None:
    model._default_manager.filter(pk__in=rows).update(**PRIVATE[model])
