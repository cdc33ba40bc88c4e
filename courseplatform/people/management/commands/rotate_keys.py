from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courseplatform.people.models import PersonKey
from courseplatform.people.privacy.sealing import SealBrokenError, keys_behind, rewrap

BATCH = 500


class Command(BaseCommand):
    help = "Wraps every person's key under the first of MASTER_KEYS. May be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        rewrapped = 0
        try:
            while batch := list(keys_behind()[:BATCH]):
                rewrapped += sum(rewrap(key) for key in batch)
        except SealBrokenError as broken:
            raise CommandError(f"A key stays shut: {broken} Add the old master key, last, and run it again.") from None
        living = PersonKey.objects.filter(destroyed_at=None).count()
        self.stdout.write(f"{rewrapped} keys wrapped anew, {living - rewrapped} left as they were.")
