"""Who has looked at what of a person's, for themselves (MODEL I17). Read from the audit trail, never changed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from courseplatform.people.models import AuditEvent, User


@dataclass(frozen=True)
class Looker:
    """Somebody, what they looked at or did, how many times in all and when last (UTC). No name once they are gone."""

    name: str
    purpose: str
    times: int
    last: datetime


def looks_at(person: User) -> QuerySet[AuditEvent]:
    """Every look of others, the newest first."""
    return AuditEvent.objects.filter(about=person).exclude(actor=person).select_related("actor").order_by("-at", "-pk")


def lookers(person: User, *, most: int) -> list[Looker]:
    """Whoever has looked, each once for each purpose, the latest first. One query."""
    each = looks_at(person).order_by().values_list("actor__display_name", "purpose")
    found = each.annotate(times=Count("pk"), last=Max("at")).order_by("-last")[:most]
    return [Looker(name or "", purpose, times, last) for name, purpose, times, last in found]
