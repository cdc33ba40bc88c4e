"""What an operator says after a restore from a backup, so that mails go out again and none goes twice."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from courseplatform import clock
from courseplatform.outbox.sending import restoring
from courseplatform.people.refusals import Refusal


class Command(BaseCommand):
    help = "Lets mails go out again after a restore from a backup. What may have gone already is not sent again."

    def add_arguments(self, parser: CommandParser) -> None:
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument("--sent-until", help="When the last mail went out, like 2026-10-27T07:30:00Z.")
        choice.add_argument("--nothing-sent", action="store_true", help="No mail has gone out since the backup.")

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            said = self.release(now) if options["nothing_sent"] else self.confirm(now, options["sent_until"])
        except Refusal as refusal:
            raise CommandError(str(refusal.sentence)) from refusal
        self.stdout.write(said)

    def release(self, now: datetime) -> str:
        restoring.release(now)
        return "Mails go out again. What is late goes out as after any standstill."

    def confirm(self, now: datetime, sent_until: str | None) -> str:
        count = restoring.confirm(now, _instant(sent_until) if sent_until else None)
        return f"Mails go out again. {count} messages that may have gone already are not sent again."


def _instant(text: str) -> datetime:
    """An aware instant from ISO 8601. Raises CommandError with what to write instead."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is not an instant. Write it like 2026-10-27T07:30:00Z.") from error
    if moment.tzinfo is None:
        raise CommandError(f"“{text}” has no zone. Write 2026-10-27T07:30:00Z, or +01:00 at the end.")
    return moment
