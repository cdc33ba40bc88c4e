"""The menu: a few words for what this person does here."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courseplatform.people.models import RoleAssignment, User

BRAND = "Courseplatform"


@dataclass(frozen=True)
class Tab:
    label: str
    address: str
    is_current: bool


def menu(request: HttpRequest) -> dict[str, Any]:
    """Context for base.html: `brand` and `tabs`, for somebody who is signed in. One query, when a page shows them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"brand": BRAND, "tabs": []}
    return {
        "brand": SimpleLazyObject(lambda: user.municipality.name if user.municipality else BRAND),
        "tabs": SimpleLazyObject(partial(tabs_of, user, request.path)),
    }


def tabs_of(user: User, path: str) -> list[Tab]:
    """What the person may want next, the page at `path` marked."""
    tabs = [(label, reverse(name)) for label, name in _places(user)]
    return [Tab(label, address, _is_current(path, address)) for label, address in tabs]


def _places(user: User) -> list[tuple[str, str]]:
    """Label and url name of each tab."""
    places = []
    if user.takes_part or not user.does_here:
        places += [(_("Today"), "home"), (_("Programme"), "programme"), (_("Log"), "log"), (_("Group"), "group")]
    if user.has_role(RoleAssignment.Kind.HR):
        places.append((_("Cohorts"), "cohorts"))
    if user.has_role(RoleAssignment.Kind.FACILITATOR):
        places += [(_("Facilitator"), "facilitator"), (pgettext("menu", "Content"), "wagtailadmin_home")]
    return [*places, (_("My page"), "me")]


def _is_current(path: str, address: str) -> bool:
    return path == address if address == "/" else path.startswith(address)
