"""From live pages to a version: what would be published, what that changes, and the one way to do it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from lessons import versions
from lessons.models import ProgrammePage, ProgrammeVersion
from lessons.pages import from_pages
from lessons.shape import Programme


def latest(programme_key: str) -> ProgrammeVersion | None:
    """The version published last."""
    last: ProgrammeVersion | None = ProgrammeVersion.objects.filter(programme_key=programme_key).first()
    return last


def upcoming(page: ProgrammePage) -> Programme:
    """What publishing now would publish, with its number. Raises PagesError."""
    return numbered(from_pages(page))


def numbered(programme: Programme) -> Programme:
    """With its own number if that is free or already its own, else the next minor one."""
    taken = set(ProgrammeVersion.objects.filter(programme_key=programme.key).values_list("number", flat=True))
    last = latest(programme.key)
    if last and _same_content(programme, last):
        return _as_published(programme, last)
    if last is None or programme.number not in taken:
        return programme
    return programme.model_copy(update={"number": _next(last.number, taken)})


def _same_content(programme: Programme, version: ProgrammeVersion) -> bool:
    return versions.digest_of(_as_published(programme, version)) == version.digest


def _as_published(programme: Programme, version: ProgrammeVersion) -> Programme:
    return programme.model_copy(update={"number": version.number})


def _next(number: str, taken: set[str]) -> str:
    major, minor = (int(part) for part in number.split(".")[:2])
    while f"{major}.{minor}" in taken:
        minor += 1
    return f"{major}.{minor}"


def publish_as_shown(page: ProgrammePage, shown_digest: str, *, note: str, by: User, now: datetime) -> ProgrammeVersion:
    """Publishes what the author saw. Raises Refusal when the content has changed since, or not at all."""
    with transaction.atomic():
        programme = upcoming(page)
        if versions.digest_of(programme) != shown_digest:
            raise Refusal(_("The content has changed meanwhile. Look at the changes again before you publish."))
        return versions.publish(programme, note=note, by=by, now=now)


def publish_first(page: ProgrammePage, *, now: datetime) -> ProgrammeVersion | None:
    """Publishes a programme nobody has published yet; None where somebody has."""
    if latest(page.key):
        return None
    return versions.publish(upcoming(page), note="", by=None, now=now)
