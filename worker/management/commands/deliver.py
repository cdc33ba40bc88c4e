"""One pass of plan, send and reap by hand; or a watch that rings when nobody else does (DELIVERY §10)."""

import time
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections

from worker import ticks

PAUSE = 15  # seconds between two looks of the watch


class Command(BaseCommand):
    help = "Plans, sends and reaps once. --watch stays and does so whenever the workers have been silent for a minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", help="As at that instant, like 2026-10-27T07:30:00Z. Only in demo and tests.")
        parser.add_argument("--watch", action="store_true", help="Stay, and cover a dead broker, beat or worker.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["watch"] and options["now"]:
            raise CommandError("--watch follows the clock; leave --now out.")
        if options["watch"]:
            self.watch()
        else:
            self.deliver(instant(options["now"]) if options["now"] else ticks.now())

    def deliver(self, now: datetime) -> None:
        sent = ticks.whole_pass(now)
        words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(sent.items())) or "nothing due"
        self.stdout.write(f"{now.isoformat()}: {words}")

    def watch(self) -> None:
        """Until it is ended. A database that is away for a while is waited for."""
        self.stdout.write("Watching: rings itself when nobody has for a minute.")
        while True:
            close_old_connections()
            try:
                if ticks.is_dead(ticks.now()):
                    self.deliver(ticks.now())
            except DatabaseError as error:
                self.stderr.write(f"The database does not answer ({type(error).__name__}); trying again.")
            time.sleep(PAUSE)


def instant(text: str) -> datetime:
    """An aware instant from ISO 8601. Raises CommandError with what to write instead."""
    if not settings.DEMO:
        raise CommandError("--now moves time, so it works only in the demo and in tests. Leave it out.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is not an instant. Write it like 2026-10-27T07:30:00Z.") from error
    if not 2000 <= moment.year < 2100:  # at the ends of time there is no week before or after
        raise CommandError(f"“{text}” is too far away. Write an instant between the years 2000 and 2099.")
    if moment.tzinfo is None:
        raise CommandError(f"“{text}” has no zone. Write 2026-10-27T07:30:00Z, or +01:00 at the end.")
    return moment
