"""What is wrong with a text somebody wrote, said so that they can mend it: which file, which line, one sentence."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _
from pydantic import ValidationError
from pydantic_core import ErrorDetails


class Place(NamedTuple):
    """Where something stands. Lines count from 1; `file` is relative to the folder."""

    file: str
    line: int


class Problem(NamedTuple):
    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class FolderError(Exception):
    """All that is wrong with a programme folder, in file and line order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


Location = tuple[str | int, ...]
# Marks a key that only the shape knows, so that it is refused in a file and not understood by luck.
UNKNOWN = "\0"
WRITTEN_AS = {"key": "id", "message_class": "class", "number": "version"}


def told_by(error: ValidationError) -> Iterable[tuple[Location, str]]:
    """Each thing pydantic found: where in the value, and a sentence."""
    for details in error.errors(include_url=False, include_context=True):
        yield details["loc"], _sentence(details)


def _sentence(details: ErrorDetails) -> str:
    name = str(details["loc"][-1]) if details["loc"] else ""
    written = WRITTEN_AS.get(name, name)
    kind, given, limits = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return _("“%(name)s” is missing.") % {"name": written}
    if kind == "extra_forbidden":
        return _("“%(name)s” is not a key of this format.") % {"name": name.rstrip(UNKNOWN)}
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = limits.get("ge", limits.get("le"))
        words = _("“%(name)s” is %(given)s; at least %(limit)s is needed.")
        if kind == "less_than_equal":
            words = _("“%(name)s” is %(given)s; %(limit)s is the most.")
        return words % {"name": written, "given": given, "limit": limit}
    if kind in ("enum", "literal_error"):
        return _("“%(name)s” is “%(given)s”; choose %(choices)s.") % {
            "name": written,
            "given": given,
            "choices": limits["expected"],
        }
    words = _("“%(name)s” is “%(given)s”; %(needed)s is needed.")
    return words % {"name": written, "given": str(given)[:60], "needed": _needed(kind)}


def _needed(kind: str) -> str:
    """What pydantic wanted, by the first word of its error's name."""
    names = {
        "int": _("a whole number"),
        "float": _("a number"),
        "string": _("a text of another form"),
        "bool": _("true or false"),
        "time": _("a time such as 08:30"),
        "date": _("a date such as 2026-08-31"),
        "tuple": _("a list"),
        "model": _("a set of keys and values"),
    }
    return names.get(kind.split("_")[0], _("another value"))
