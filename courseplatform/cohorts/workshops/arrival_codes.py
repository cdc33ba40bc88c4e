"""The code on the facilitator's screen: an HMAC of the workshop and the minute, so nothing is kept anywhere."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from courseplatform.cohorts.models import Workshop

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
LENGTH = 6
STEP = timedelta(seconds=60)
STEPS_BACK = 5  # a slow phone, a long queue
NEAR = timedelta(hours=12)  # a code read at another hour is still told why it does not count


def code_at(workshop: UUID, now: datetime) -> str:
    """The code of that minute."""
    return _code(workshop, _step(now))


def lasts_for(now: datetime) -> int:
    """Seconds until the next code."""
    return int(STEP.total_seconds() - now.timestamp() % STEP.total_seconds())


def workshop_behind(code: str, now: datetime) -> Workshop | None:
    """The workshop whose code this is or has been within the last five minutes, whatever its state and hour."""
    typed, step = tidy_code(code), _step(now)
    for workshop in _near(now):
        if any(constant_time_compare(typed, _code(workshop.pk, step - back)) for back in range(STEPS_BACK + 1)):
            return workshop
    return None


def tidy_code(typed: str) -> str:
    """As it stands on the screen: capitals, without blanks and hyphens."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())[: LENGTH * 2]


def _near(now: datetime) -> QuerySet[Workshop]:
    soon = Workshop.objects.filter(starts_at__lt=now + NEAR, ends_at__gt=now - NEAR)
    return soon.exclude(state=Workshop.State.DRAFT).select_related("cohort__municipality")


def _step(now: datetime) -> int:
    return int(now.timestamp() // STEP.total_seconds())


def _code(workshop: UUID, step: int) -> str:
    digest = salted_hmac("cohorts.arrival", f"{workshop}:{step}", algorithm="sha256").digest()
    number = int.from_bytes(digest, "big")
    signs = []
    for _place in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[rest])
    return "".join(signs)
