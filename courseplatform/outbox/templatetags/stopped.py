"""Which kinds of mail a person has stopped, for their own page alone."""

from typing import Any

from django import template

from courseplatform.outbox.reading.unsubscribing import stopped_by
from courseplatform.people.models import User

register = template.Library()


@register.inclusion_tag("outbox/_stopped.html", takes_context=True)
def stopped_mails(context: dict[str, Any], person: User) -> dict[str, Any]:
    """A line and a way back where there is something, and nothing otherwise."""
    return {"kinds": stopped_by(person), "csrf_token": context.get("csrf_token")}
