"""One pass of plan, send and reap by hand; or a watch that rings when nobody else does (DELIVERY §10)."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections

from courseplatform.outbox.sending.pulse import is_silent
from worker import ticks

log = logging.getLogger(__name__)


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
        """Until it is ended. Once it had to ring, it goes on until somebody else does."""
        self.stdout.write("Watching: rings itself when nobody has for four ticks.")
        rang: datetime | None = None
        while True:
            close_old_connections()
            rang = self.look(rang)
            time.sleep(settings.DISPATCH_EVERY)

    def look(self, rang: datetime | None) -> datetime | None:
        """Rings if nobody else has since `rang`; when it did. A database that is away for a while is waited for."""
        try:
            now = ticks.now()
            if not is_silent(now, apart_from=rang):
                return None
        except DatabaseError as error:
            log.warning("The database does not answer (%s); trying again.", type(error).__name__)
            return rang
        for tick in ticks.TICKS:
            self.ring(tick, now)
        return now

    def ring(self, tick: Callable[[datetime], object], now: datetime) -> None:
        """One tick by itself: what is wrong with one must not stop the others."""
        try:
            tick(now)
        except Exception:
            log.exception("The watch could not finish %s", tick.__name__)


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
