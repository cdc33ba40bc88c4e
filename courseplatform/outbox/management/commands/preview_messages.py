import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courseplatform import clock
from courseplatform.outbox.planning.preview import NotFound, Previewed, find_cohort, preview
from courseplatform.outbox.reading.reasons import sentence


class Command(BaseCommand):
    help = "Shows every message a cohort's rules will make: when, to whom, why, or why not. Saves nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cohort", help="the cohort's id or its exact name")
        parser.add_argument("--person", default="", metavar="EMAIL", help="only this person's")
        parser.add_argument("--json", action="store_true", help="a list of objects instead of a table")

    def handle(self, *args: Any, cohort: str, person: str, **options: Any) -> None:
        try:
            messages = preview(find_cohort(cohort), clock.now(), email=person)
        except NotFound as nobody:
            raise CommandError(str(nobody)) from nobody
        self.stdout.write(as_json(messages) if options["json"] else as_table(messages))


def as_json(messages: Iterable[Previewed]) -> str:
    """One object a message, a line each, so that two previews can be compared with diff."""
    lines = ",\n".join(json.dumps(one.as_dict(), ensure_ascii=False) for one in messages)
    return f"[\n{lines}\n]" if lines else "[]"


def as_table(messages: Iterable[Previewed]) -> str:
    """Local time, person, what, and whether it goes."""
    rows = [(f"{one.local_at:%Y-%m-%d %H:%M}", one.person, one.template, _fate(one)) for one in messages]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    return "\n".join("  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows)


def _fate(message: Previewed) -> str:
    why = sentence(message.reason)
    return f"{message.state}: {why}" if why else message.state
