from typing import Any

from django.core.management.base import BaseCommand

from courseplatform.people.models import PersonKey
from courseplatform.people.sealing import rewrap


class Command(BaseCommand):
    help = "Wraps every person's key under the first of MASTER_KEYS. May be stopped and run again."

    def handle(self, *args: Any, **options: Any) -> None:
        rewrapped = sum(rewrap(key) for key in PersonKey.objects.filter(destroyed_at=None).iterator(chunk_size=500))
        self.stdout.write(f"{rewrapped} keys wrapped anew, {PersonKey.objects.count() - rewrapped} left as they were.")
