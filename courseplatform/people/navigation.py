"""The menu: a few words for what this person does here."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courseplatform.people.models import RoleAssignment, User


@dataclass(frozen=True)
class Tab:
    label: str
    address: str
    is_current: bool


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html: `brand` and `tabs`, for somebody who is signed in. Two queries at most."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"brand": "Courseplatform", "tabs": []}
    brand = user.municipality.name if user.municipality else "Courseplatform"
    return {"brand": brand, "tabs": [_tab(request.path, label, name) for label, name in _places(user)]}


def _places(user: User) -> list[tuple[str, str]]:
    """Label and url name of each tab."""
    places = []
    roles = {kind for kind in RoleAssignment.Kind.values if user.has_role(kind)}
    if user.takes_part or not roles:
        places += [(_("Today"), "home"), (_("Programme"), "programme"), (_("Log"), "log"), (_("Group"), "group")]
    if RoleAssignment.Kind.HR in roles:
        places.append((_("Cohorts"), "cohorts"))
    if RoleAssignment.Kind.FACILITATOR in roles:
        places += [(_("Facilitator"), "facilitator"), (pgettext("menu", "Content"), "wagtailadmin_home")]
    return [*places, (_("My page"), "me")]


def _tab(path: str, label: str, name: str) -> Tab:
    address = reverse(name)
    is_current = path == address if address == "/" else path.startswith(address)
    return Tab(label, address, is_current)
