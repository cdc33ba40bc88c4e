"""What its author deleted or shared with fewer than before stays so in a database from a backup (MODEL I7, I18).

An instruction is a tombstone that erases nothing: a restored row is at most as open as its author ever said since. What
was opened again after that is closed once more, the safe side, until its author shares it anew.
"""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import models

from courseplatform.journal.models import Experiment, Insight, PeerQuestion, Reflection
from courseplatform.people.privacy import tombstones

Shared = Reflection | Experiment | Insight
DELETED = "journal.reflection deleted"
UNASKED = "journal.peerquestion taken back"
UNANSWERED = "journal.peerquestion answer taken back"
LEVELS = [str(level) for level in Insight.Visibility]  # the narrowest first; the others' are the same without the last
PRIVATE = LEVELS[0]
# When it was shared, as each of them calls it: it says nothing any more once it is private.
SHARED_AT: dict[type[models.Model], str] = {Reflection: "shared_at", Experiment: "shared_at", Insight: "consent_at"}


def note_deleted(entry: Reflection, now: datetime) -> None:
    """In the transaction that deletes it; erasing for good comes later."""
    tombstones.bury(DELETED, entry.pk, now)


def note_unasked(question: PeerQuestion, now: datetime) -> None:
    """In the transaction in which its writer takes it back; nobody can ask it again."""
    tombstones.bury(UNASKED, question.pk, now)


def note_unanswered(question: PeerQuestion, now: datetime) -> None:
    """In the transaction that erases its answer."""
    tombstones.bury_again(UNANSWERED, question.pk, now)


def note_taken_back(row: Shared, now: datetime) -> None:
    """In the transaction that takes it back to its author alone."""
    tombstones.bury_again(_at_most(type(row), PRIVATE), row.pk, now)


def note_narrowed(row: Shared, level: str, now: datetime) -> None:
    """In the transaction that sets who may read it, with `row` as it was before. Nothing where no fewer may."""
    if LEVELS.index(level) < LEVELS.index(row.visibility):
        tombstones.bury_again(_at_most(type(row), level), row.pk, now)


def _at_most(model: type[models.Model], level: str) -> str:
    return f"{model._meta.label_lower} {'taken back' if level == PRIVATE else f'at most {level}'}"


def remember() -> None:
    """How to do all that again; called once, at the start."""
    tombstones.erased_by(DELETED, _delete)
    tombstones.erased_by(UNASKED, _unask)
    tombstones.erased_by(UNANSWERED, _unanswer)
    for model in SHARED_AT:
        for level in LEVELS:
            tombstones.erased_by(_at_most(model, level), partial(_narrow, model, level))


def _delete(entries: list[UUID], now: datetime) -> None:
    standing = Reflection.objects.filter(pk__in=entries).exclude(state=Reflection.State.DELETED)
    standing.update(state=Reflection.State.DELETED, deleted_at=now, visibility=PRIVATE, shared_at=None)


def _unask(questions: list[UUID], now: datetime) -> None:
    PeerQuestion.objects.filter(pk__in=questions, withdrawn_at=None).update(withdrawn_at=now, updated_at=now)


def _unanswer(questions: list[UUID], _now: datetime) -> None:
    PeerQuestion.objects.filter(pk__in=questions).update(sealed_answer=None, answered_at=None)


def _narrow(model: type[models.Model], level: str, rows: list[UUID], _now: datetime) -> None:
    """Never wider: what is narrower already stays, and whoever joined since it was shared reads it no sooner."""
    wider = LEVELS[LEVELS.index(level) + 1 :]
    nobody_since = {SHARED_AT[model]: None} if level == PRIVATE else {}
    model._default_manager.filter(pk__in=rows, visibility__in=wider).update(visibility=level, **nobody_since)
