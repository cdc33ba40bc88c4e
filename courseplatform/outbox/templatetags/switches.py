"""The switches for kinds of mail, for a person's own page alone."""

from typing import Any

from django import template

from courseplatform.outbox.reading.switches import switches_of
from courseplatform.people.models import User

register = template.Library()


@register.inclusion_tag("outbox/_switches.html", takes_context=True)
def mail_switches(context: dict[str, Any], person: User) -> dict[str, Any]:
    """A list with a button each."""
    return {"switches": switches_of(person), "csrf_token": context.get("csrf_token")}
