"""What was erased stays erased, also in a database from a backup (MODEL I18).

Each erasure leaves a row, in its own transaction, and the rows are copied into a file outside the database. A restored
database lacks the newest rows: what the file knows and the table does not is erased again. Both hold ids and dates.
"""

import json
import logging
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete

from courseplatform import clock
from courseplatform.people.models import Tombstone

log = logging.getLogger(__name__)
AUTHOR = "author"  # erased by whoever wrote it
Eraser = Callable[[list[UUID], datetime], object]
_rule: ContextVar[str] = ContextVar("rule", default=AUTHOR)
_erasers: dict[str, Eraser] = {}


@dataclass(frozen=True)
class Erased:
    """One erasure, as a line of the file says it."""

    kind: str
    object_id: UUID
    erased_at: datetime
    rule: str

    @property
    def what(self) -> tuple[str, UUID]:
        return self.kind, self.object_id

    def to_json(self) -> str:
        values = {"kind": self.kind, "id": str(self.object_id), "at": self.erased_at.isoformat(), "rule": self.rule}
        return json.dumps(values)

    @classmethod
    def from_json(cls, text: str) -> "Erased":
        """Raises ValueError, KeyError or TypeError for anything else."""
        read = json.loads(text)
        return cls(str(read["kind"]), UUID(str(read["id"])), datetime.fromisoformat(read["at"]), str(read["rule"]))


# --- Erasing ---------------------------------------------------------------------------------------------------------
def keep_of(*kinds: type[models.Model]) -> None:
    """From now on each deleted row of these models leaves a tombstone; called once, at the start."""
    for kind in kinds:
        post_delete.connect(_row_deleted, sender=kind, dispatch_uid="tombstones")


def erased_by(kind: str, eraser: Eraser) -> None:
    """How to erase these again, where that is something else than deleting the rows with these ids."""
    _erasers[kind] = eraser


@contextmanager
def because(rule: str) -> Iterator[None]:
    """Rows that are deleted inside it were erased by that rule, and not by whoever wrote them."""
    token = _rule.set(rule)
    try:
        yield
    finally:
        _rule.reset(token)


def bury(kind: str, object_id: UUID, now: datetime) -> None:
    """Notes an erasure, in the caller's transaction. The first note stands."""
    write([Erased(kind, object_id, now, _rule.get())])


def bury_again(kind: str, object_id: UUID, now: datetime) -> None:
    """The same of what may be undone and then done once more: the latest note stands."""
    row = Tombstone(kind=kind, object_id=object_id, erased_at=now, rule=_rule.get())
    unique, renewed = ["kind", "object_id"], ["erased_at", "rule"]
    Tombstone.objects.bulk_create([row], update_conflicts=True, unique_fields=unique, update_fields=renewed)


def _row_deleted(sender: type[models.Model], instance: models.Model, **_: object) -> None:
    bury(sender._meta.label_lower, instance.pk, clock.now())


def write(erasures: Iterable[Erased]) -> None:
    """Notes them as they are."""
    rows = (Tombstone(**vars(one)) for one in erasures)
    Tombstone.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


# --- The copy outside, and what it is for ----------------------------------------------------------------------------
_in_step: tuple[object, ...] | None = None  # table and file as this process last found them alike


def keep_in_step(now: datetime) -> int:
    """Copies new tombstones into the file, and erases again what only the file knows. How many were erased again.

    One query while nothing has changed. Any number of processes may do so at once.
    """
    global _in_step
    if _in_step is not None and _in_step == _state():
        return 0
    outside = read(file())
    again = erase_again(outside.values(), now)
    inside = (Erased(*row) for row in Tombstone.objects.values_list("kind", "object_id", "erased_at", "rule"))
    _append(one for one in inside if one.what not in outside or outside[one.what].erased_at < one.erased_at)
    _in_step = _state()
    return again


def _state() -> tuple[object, ...]:
    found = Tombstone.objects.aggregate(number=models.Count("pk"), newest=models.Max("erased_at"))
    there = file().stat() if file().exists() else None
    return str(file()), found["number"], found["newest"], there and (there.st_mtime_ns, there.st_size)


def erase_again(erasures: Iterable[Erased], now: datetime) -> int:
    """Erases what stands here although it was erased; returns how many of these this database knew nothing of."""
    rows = Tombstone.objects.values_list("kind", "object_id", "erased_at")
    known = {(kind, object_id): erased_at for kind, object_id, erased_at in rows}
    missing: dict[str, list[Erased]] = defaultdict(list)
    for one in erasures:
        if one.what not in known or known[one.what] < one.erased_at:
            missing[one.kind].append(one)
    for kind, found in missing.items():
        log.warning("Erased again after a restore: %s of %s", len(found), kind)
        _erase(kind, found, now)
    return sum(map(len, missing.values()))


@transaction.atomic
def _erase(kind: str, found: list[Erased], now: datetime) -> None:
    Tombstone.objects.filter(kind=kind, object_id__in=[one.object_id for one in found]).delete()
    write(found)  # first: these dates and rules stand, not those of today
    ids = [one.object_id for one in found]
    if eraser := _erasers.get(kind):
        eraser(ids, now)
    elif model := _model(kind):
        model._base_manager.filter(pk__in=ids).delete()


def _model(kind: str) -> type[models.Model] | None:
    """None for what this version does not know any more."""
    try:
        return apps.get_model(kind)
    except (LookupError, ValueError):
        return None


def file() -> Path:
    return Path(settings.ERASURES_FILE)


def read(path: Path) -> dict[Any, Erased]:
    """By what was erased, the latest line of each. One that cannot be read is left out, and said; no file is empty."""
    if not path.exists():
        return {}
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            one = Erased.from_json(line)
        except (ValueError, KeyError, TypeError) as error:
            log.warning("Line %s of %s cannot be read: %s", number, path, type(error).__name__)
        else:
            found[one.what] = one
    return found


def _append(erasures: Iterable[Erased]) -> None:
    lines = "".join(f"{one.to_json()}\n" for one in erasures)
    if not lines:
        return
    try:
        with file().open("a") as ledger:
            ledger.write(lines)
            ledger.flush()
            os.fsync(ledger.fileno())
    except OSError as error:
        log.warning("Erasures cannot be written to %s: %s", file(), type(error).__name__)
