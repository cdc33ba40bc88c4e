"""Compare-and-set: the database, and not what we read a moment ago, decides whether a step may be taken."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.people.entity import Entity
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, tidy

LONGEST_REASON = 300


def change(
    row: Entity,
    to: str,
    *,
    allowed_from: Iterable[str],
    sentence: object,
    now: datetime,
    unchanged: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Write the new state and fields in one statement, if the row still stands in one of `allowed_from` and still
    has the values in `unchanged`. Refreshes `row` either way; raises Refusal when nothing was written."""
    model: type[models.Model] = type(row)
    standing = model._default_manager.filter(pk=row.pk, state__in=list(allowed_from), **(unchanged or {}))
    written = standing.update(state=to, updated_at=now, **fields)
    row.refresh_from_db()
    if not written:
        raise Refusal(sentence, state=state_of(row))


def state_of(row: Any) -> object:
    """The row's state in words, for a Refusal."""
    return row.get_state_display()


def reason_given(reason: str, row: Entity) -> str:
    """The reason, tidied. Raises Refusal when it is missing, too long, or holds a CPR-like number."""
    given = " ".join(tidy(reason).split())
    if not given:
        raise Refusal(_("This step needs a reason. Write it in a few words."), state=state_of(row))
    if len(given) > LONGEST_REASON:
        raise Refusal(_("The reason may be 300 characters at most."), state=state_of(row))
    if has_cpr_like_number(given):
        raise Refusal(_("This looks like a CPR number. Take it out."), state=state_of(row))
    return given
