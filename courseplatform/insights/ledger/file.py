"""The ledger as a file that spreadsheets open: semicolons, one row at a time, nothing that they would calculate."""

import csv
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from courseplatform.cohorts.models import Cohort
from courseplatform.insights.ledger.rows import Row, rows, whole
from courseplatform.outbox.models import Message

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
MARK = "\ufeff"  # so that Excel reads UTF-8
AT_ONCE = 500


class _Echo:
    """csv.writer writes here and gets its line back."""

    def write(self, line: str) -> str:
        return line


def lines(messages: QuerySet[Message], cohort: Cohort, language: str | None) -> Iterator[str]:
    """A heading and a line for each, in that language and in the cohort's own time."""
    writer, zone = csv.writer(_Echo(), delimiter=";"), ZoneInfo(cohort.municipality.timezone)
    with override(language):
        heading = _heading()
    yield MARK + writer.writerow(heading)
    for row in _rows(messages, language):
        yield writer.writerow([_harmless(cell) for cell in _cells(row, zone)])


def _rows(messages: QuerySet[Message], language: str | None) -> Iterator[Row]:
    """Put into words a handful at a time: between two lines the language is nobody's."""
    found = whole(messages).iterator(chunk_size=AT_ONCE)
    while True:
        with override(language):
            handful = list(rows(islice(found, AT_ONCE)))
        if not handful:
            return
        yield from handful


def _heading() -> list[str]:
    return [_("Day"), _("Time"), _("Name"), _("E-mail"), _("As"), _("Kind"), _("What"), _("How it went"), _("Why")]


def _cells(row: Row, zone: ZoneInfo) -> list[str]:
    at = timezone.localtime(row.at, zone)
    return [f"{at:%Y-%m-%d}", f"{at:%H:%M}", row.name, row.email, row.role, row.kind, row.subject, row.state, row.why]


def _harmless(cell: str) -> str:
    """What begins like a formula becomes text (MODEL §10)."""
    return f"'{cell}" if cell.startswith(FORMULAS) else cell
