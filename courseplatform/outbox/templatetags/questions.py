"""How the questions stand between a person and us, for their own page alone (MODEL P7)."""

from typing import Any

from django import template

from courseplatform.outbox.reading.back_off import open_back_off
from courseplatform.people.models import User

register = template.Library()


@register.inclusion_tag("outbox/_back_off.html")
def questions_of(person: User) -> dict[str, Any]:
    """A line while they are quiet, and nothing otherwise."""
    waiting = open_back_off(person.pk)
    return {"until": waiting.quiet_until if waiting else None}
