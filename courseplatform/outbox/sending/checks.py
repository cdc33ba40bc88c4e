"""What is refused before the first mail: a lease that runs out while one mail is being sent (DELIVERY §5)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

LEAST = 30  # seconds; a heartbeat each quarter has to get through while the machine is busy


def lease_outlasts_a_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A shorter lease takes batches away from senders that are well. Where nobody is written to, tests may hurry."""
    if settings.DEMO or settings.SEND_LEASE >= LEAST:
        return []
    hint = f"Write SEND_LEASE={LEAST} or more, or leave it out."
    return [Error(f"SEND_LEASE is {settings.SEND_LEASE} seconds, too short for a mail.", hint=hint, id="outbox.E003")]
