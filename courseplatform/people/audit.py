"""Writing down who looked at what of whom (MODEL I17)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models

from courseplatform.people.models import AuditEvent, User


def record(actor: User, action: str, thing: models.Model, *, about: User, purpose: str, now: datetime) -> None:
    """Append one event. `purpose` is shown to the person concerned, so it is a sentence and never a text of theirs."""
    AuditEvent.objects.create(
        at=now,
        actor=actor,
        action=action,
        object_type=thing._meta.label_lower,
        object_id=str(thing.pk),
        about=about,
        purpose=purpose,
    )


def record_for_all(
    actor: User, action: str, thing: models.Model, *, about: Iterable[tuple[User, str]], now: datetime
) -> None:
    """The same for everybody it concerns, each with a purpose in their own language. One statement for five hundred."""
    place = {"action": action, "object_type": thing._meta.label_lower, "object_id": str(thing.pk)}
    events = (AuditEvent(at=now, actor=actor, about=person, purpose=purpose, **place) for person, purpose in about)
    AuditEvent.objects.bulk_create(events, batch_size=500)


def record_daily(actor: User, action: str, thing: models.Model, *, about: User, purpose: str, now: datetime) -> None:
    """The same, once within 24 hours for the same actor, action and thing."""
    recent = AuditEvent.objects.filter(
        actor=actor, action=action, object_id=str(thing.pk), at__gt=now - timedelta(days=1)
    )
    if not recent.exists():
        record(actor, action, thing, about=about, purpose=purpose, now=now)
