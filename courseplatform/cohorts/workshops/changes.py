"""What has changed at a workshop since somebody last looked: time, place, material, a seat."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from courseplatform.cohorts.models import Material, Workshop, WorkshopLook
from courseplatform.people.local_dates import span
from courseplatform.people.models import User

Facts = dict[str, Any]
VISIT = timedelta(minutes=30)  # coming back within it is the same visit: what was new stays new
A_MOMENT = timedelta(minutes=1)


def facts_of(workshop: Workshop, materials: Iterable[Material]) -> Facts:
    """As it stands now, ready for the database."""
    return {
        "starts_at": workshop.starts_at.isoformat() if workshop.starts_at else "",
        "ends_at": workshop.ends_at.isoformat() if workshop.ends_at else "",
        "place": workshop.place or workshop.link,
        "materials": [material.pk for material in materials],
    }


def seen_before(workshop: Workshop, person: User, facts: Facts, now: datetime) -> Facts:
    """The facts of the person's visit before this one, empty at the first; this one is noted. One or two queries."""
    look = WorkshopLook.objects.filter(workshop=workshop, person=person).first()
    if look is None:
        _first_look(workshop, person, facts, now)
        return {}
    if now - look.latest_at >= VISIT:
        look.seen = look.latest
    if look.latest != facts or now - look.latest_at >= A_MOMENT:
        look.latest, look.latest_at = facts, now
        look.save(update_fields=["seen", "latest", "latest_at"])
    return dict(look.seen)


def _first_look(workshop: Workshop, person: User, facts: Facts, now: datetime) -> None:
    try:
        with transaction.atomic():
            WorkshopLook.objects.create(workshop=workshop, person=person, latest=facts, latest_at=now)
    except IntegrityError:  # two windows at once
        pass


def changes(seen: Facts, facts: Facts, materials: Iterable[Material]) -> list[str]:
    """One sentence for each thing that is new, in the active language; none at the first visit."""
    if not seen:
        return []
    found = []
    if (seen["starts_at"], seen["ends_at"]) != (facts["starts_at"], facts["ends_at"]):
        found.append(_("It has been moved. Before: %(when)s.") % {"when": _span(seen)})
    if seen["place"] != facts["place"]:
        before = seen["place"] or _("not said yet")
        found.append(_("There is another place. Before: %(place)s.") % {"place": before})
    new = [material.title for material in materials if material.pk not in seen["materials"]]
    return found + [_("New material: %(title)s.") % {"title": title} for title in new]


def _span(facts: Facts) -> str:
    instants = [datetime.fromisoformat(facts[name]) if facts[name] else None for name in ("starts_at", "ends_at")]
    return span(*instants)
