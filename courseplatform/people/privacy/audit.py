"""Writing down who looked at what of whom (MODEL I17)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import override

from courseplatform.people.models import AuditEvent, User


def record(actor: User, action: str, thing: models.Model, *, about: User | None, purpose: str, now: datetime) -> None:
    """Append one event. `purpose` is shown to the person concerned, so it is a sentence and never a text of theirs.

    `about` is None for a step that concerns a whole cohort.
    """
    record_all(actor, action, [(thing, about, purpose)], now=now)


def record_all(
    actor: User, action: str, each: Iterable[tuple[models.Model, User | None, str]], *, now: datetime
) -> None:
    """The same for many things at once, each with whom it is about and the purpose. One statement for five hundred."""
    events = (
        AuditEvent(
            at=now,
            actor=actor,
            action=action,
            object_type=thing._meta.label_lower,
            object_id=str(thing.pk),
            about=about,
            purpose=purpose,
        )
        for thing, about, purpose in each
    )
    AuditEvent.objects.bulk_create(events, batch_size=500)


def record_daily(actor: User, action: str, thing: models.Model, *, about: User, purpose: str, now: datetime) -> None:
    """The same, once within 24 hours for the same actor, action and thing."""
    recent = AuditEvent.objects.filter(
        actor=actor, action=action, object_id=str(thing.pk), at__gt=now - timedelta(days=1)
    )
    if not recent.exists():
        record(actor, action, thing, about=about, purpose=purpose, now=now)


def record_each_daily(
    actor: User, action: str, kind: type[models.Model], owners: Mapping[UUID, UUID], purpose: Promise, now: datetime
) -> None:
    """The same for a list of things of one kind, by id, each with the id of whom it is about; the actor's own left out.

    The purpose is said in the language of the person it is about. One query when all are known, else three.
    """
    others = {pk: owner for pk, owner in owners.items() if owner != actor.pk}
    lately = AuditEvent.objects.filter(actor=actor, action=action, at__gt=now - timedelta(days=1))
    known = set(lately.filter(object_id__in=map(str, others)).values_list("object_id", flat=True))
    new = {pk: owner for pk, owner in others.items() if str(pk) not in known}
    people = User.objects.in_bulk(list(new.values())) if new else {}
    each = [(kind(pk=pk), people[owner], _said_to(people[owner], purpose)) for pk, owner in new.items()]
    if each:
        record_all(actor, action, each, now=now)


def _said_to(person: User, purpose: Promise) -> str:
    with override(person.language):
        return str(purpose)
