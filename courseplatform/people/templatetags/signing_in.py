"""What other rooms add to the sign-in page. Nothing is registered outside demo mode."""

from collections.abc import Callable
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
Extra = Callable[[HttpRequest], SafeString]
extras: list[Extra] = []


@register.simple_tag(takes_context=True)
def sign_in_extras(context: dict[str, Any]) -> SafeString:
    """Each extra's own, already escaped markup, in the order of registration."""
    return mark_safe("".join(extra(context["request"]) for extra in extras))  # noqa: S308 - each is a rendered template
