"""Writing down who looked at what of whom (MODEL I17)."""

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


def record_daily(actor: User, action: str, thing: models.Model, *, about: User, purpose: str, now: datetime) -> None:
    """The same, once within 24 hours for the same actor, action and thing."""
    recent = AuditEvent.objects.filter(
        actor=actor, action=action, object_id=str(thing.pk), at__gt=now - timedelta(days=1)
    )
    if not recent.exists():
        record(actor, action, thing, about=about, purpose=purpose, now=now)
