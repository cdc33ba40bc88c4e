"""Who visitors can sign in as. Demo mode only: the password is public on purpose."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "prøv det i fjordby"  # noqa: S105 - public, see above
DOMAIN = "fjordby.example"


@dataclass(frozen=True)
class DemoPerson:
    key: str
    name: Promise
    does: Promise

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


SHOWN = (
    DemoPerson(
        "m08", _("Nursing-home manager, Engholm"), _("A manager. A question waits, and the next workshop is near.")
    ),
    DemoPerson(
        "m16",
        _("Manager, building permits"),
        _("Another manager in the same learning group, who has shared something."),
    ),
    DemoPerson("h1", _("HR consultant"), _("Runs the cohort: sees movement, never anybody's words.")),
    DemoPerson("f2", _("Digital consultant"), _("Facilitates two groups and writes the content.")),
)
