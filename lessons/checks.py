from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError
from pydantic import ValidationError

from lessons import versions
from lessons.models import ProgrammeVersion


@register(Tags.database)
def every_version_can_be_read(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """A deploy must not go on while a stored version does not fit the shape (`check --database default`)."""
    errors: list[CheckMessage] = []
    for database in databases or ():
        rows = ProgrammeVersion.objects.using(database).values_list("programme_key", "number", "snapshot")
        try:
            stored = list(rows)
        except DatabaseError:
            continue  # not migrated yet: there is nothing to read, and migrate runs this check first
        errors += [error for row in stored for error in _unreadable(*row)]
    return errors


def _unreadable(key: str, number: str, snapshot: dict[str, Any]) -> list[CheckMessage]:
    try:
        versions.from_snapshot(snapshot)
    except (ValidationError, KeyError) as error:
        hint = "Add an upgrade to lessons/versions.py; stored versions are never rewritten."
        return [Error(f"Version {key} {number} cannot be read: {error}", hint=hint, id="lessons.E001")]
    return []
