"""The menu: five words at most, for what this person does here."""

from typing import Any

from django.http import HttpRequest


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html: `tabs`, a list of (url name, label, is current)."""
    return {"tabs": []}
