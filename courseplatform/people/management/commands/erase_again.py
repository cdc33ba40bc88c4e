"""After a restore from a backup: erases what was erased since (MODEL I18)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courseplatform import clock
from courseplatform.people.privacy import tombstones


class Command(BaseCommand):
    help = "Erases again, in a database from a backup, what was erased after it. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="erasures.jsonl of other machines, or a kept copy.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        if missing := [str(path) for path in options["files"] if not path.is_file()]:
            raise CommandError(f"There is no such file: {', '.join(missing)}")
        again = sum(tombstones.erase_again(tombstones.read(path).values(), now) for path in options["files"])
        again += tombstones.keep_in_step(now)
        self.stdout.write(f"{again} erasures were unknown here and are done again.")
