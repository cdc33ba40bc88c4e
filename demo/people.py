"""Who visitors can sign in as. Demo mode only: the password is public on purpose."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "prøv det i fjordby"  # noqa: S105 - public, see above
DOMAIN = "fjordby.example"


@dataclass(frozen=True)
class DemoPerson:
    key: str
    role: Promise
    name: Promise
    does: Promise

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


MANAGERS = _("Managers")

SHOWN = (  # those of one role beside each other: the sign-in page groups them
    DemoPerson(
        "m08",
        MANAGERS,
        _("Nursing-home manager, Engholm"),
        _("A question waits, an experiment ends today, and the next workshop is near."),
    ),
    DemoPerson(
        "m16",
        MANAGERS,
        _("Manager, building permits"),
        _("In the same learning group, has stopped one experiment and planned the next."),
    ),
    DemoPerson("m04", MANAGERS, _("Day-care manager, north"), _("Tries something that the group can follow.")),
    DemoPerson("k1", _("A colleague"), _("Head of unit, nursing"), _("Has a seat at the next workshop, and no more.")),
    DemoPerson("h1", _("HR"), _("HR consultant"), _("Runs the cohort: sees movement, never anybody's words.")),
    DemoPerson("f2", _("Facilitator"), _("Digital consultant"), _("Facilitates two groups and writes the content.")),
)
