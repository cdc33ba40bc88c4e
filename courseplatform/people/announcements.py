"""Says which rows have changed, also where `save()` is not asked. Who listens lives further right (outbox)."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.dispatch import Signal

# sender: the model; pks: the rows, or None when nobody can tell which; fields: names, or None for all of them.
# Sent in the transaction of the change, after it. Saving and deleting one row has Django's own signals.
changed = Signal()

M = TypeVar("M", bound=models.Model)


class Announcing(models.QuerySet[M]):
    """Rows whose changes matter to what is sent. Guarded `.update()`s, and many rows at once, are announced too."""

    def update(self, **fields: Any) -> int:
        """As Django's, and announced. One query more: afterwards the rows may not match any longer."""
        pks = list(self.values_list("pk", flat=True).order_by())
        written = super().update(**fields)
        if written:
            # More than were there a moment ago: somebody else's row slipped in between, so it may be any.
            known = pks if written <= len(pks) else None
            changed.send(sender=self.model, pks=known, fields=frozenset(fields))
        return written

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        """As Django's, and announced."""
        made = super().bulk_create(objs, *args, **kwargs)
        changed.send(sender=self.model, pks=[one.pk for one in made], fields=None)
        return made
