"""Every message a cohort's rules make and will make, and every one they do not, with the reason. Saves nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.gathering import Gathered, gather
from courseplatform.outbox.planning.planned import PLANNED, Key, Planned
from courseplatform.outbox.planning.together import plan_together


class NotFound(Exception):
    """Its text is a sentence for the person who asked."""


@dataclass(frozen=True)
class Previewed:
    """One message. `person` is an e-mail address, `local_at` aware in the person's zone, `due_at` UTC."""

    person: str
    template: str
    message_class: str
    channel: str
    local_at: datetime
    due_at: datetime
    state: str
    reason: str
    occurrence_key: str

    def as_dict(self) -> dict[str, str]:
        """As the command prints it: ISO times, `class` as the rules call it."""
        return {
            "person": self.person,
            "template": self.template,
            "class": self.message_class,
            "channel": self.channel,
            "local_at": self.local_at.isoformat(),
            "due_at": self.due_at.isoformat(),
            "state": self.state,
            "reason": self.reason,
            "occurrence_key": self.occurrence_key,
        }


def preview(cohort: Cohort, now: datetime, *, email: str = "") -> tuple[Previewed, ...]:
    """Sorted by time. Raises NotFound when nobody on the cohort, and no line manager of theirs, has that address."""
    gathered = gather(cohort, now)
    plan = [
        one for one in plan_together(gathered.cohorts, now, gathered.history) if one.enrolment_id in gathered.enrolments
    ]
    found = [*_by_rules(gathered, plan), *_by_rows_alone(gathered, plan)]
    address = email.strip().casefold()
    if address and address not in _addresses(gathered):
        raise NotFound(_("%(email)s is not on %(cohort)s.") % {"email": email, "cohort": cohort})
    wanted = [one for one in found if address in ("", one.person)]
    return tuple(sorted(wanted, key=lambda one: (one.due_at, one.person, one.template, one.occurrence_key)))


def find_cohort(name_or_id: str) -> Cohort:
    """By id or exact name. Raises NotFound when there is none, or the name is not the only one."""
    try:
        wanted = {"pk": UUID(name_or_id)}
    except ValueError:
        wanted = {"name": name_or_id}  # type: ignore[dict-item]
    found = list(Cohort.objects.filter(**wanted)[:2])
    if not found:
        raise NotFound(_("There is no cohort called “%s”.") % name_or_id)
    if len(found) > 1:
        raise NotFound(_("Several cohorts are called “%s”. Give the id of the one you mean.") % name_or_id)
    return found[0]


def _by_rules(gathered: Gathered, plan: Iterable[Planned]) -> Iterator[Previewed]:
    waiting = {row.standing.key for row in gathered.rows if row.standing.state == Message.State.DUE}
    for one in plan:
        has_row = one.state == PLANNED and one.key in waiting
        state = Message.State.DUE.value if has_row else one.state
        yield _previewed(gathered, one.key, one.person_id, one.message_class, one.due_at, one.tzid, state, one.reason)


def _by_rows_alone(gathered: Gathered, plan: Iterable[Planned]) -> Iterator[Previewed]:
    """Rows no rule asks for: calendar mail, what a move has replaced, what an older version asked."""
    asked = {one.key for one in plan}
    for row in (row.standing for row in gathered.rows):
        is_private = row.kind in Message.BETWEEN_US
        if row.key[0] in gathered.enrolments and row.key not in asked and not is_private:
            yield _previewed(gathered, row.key, row.person_id, row.kind, row.at, row.tzid, row.state, row.reason)


def _previewed(
    gathered: Gathered, key: Key, person: UUID, kind: str, due_at: datetime, tzid: str, state: str, reason: str
) -> Previewed:
    _enrolment, template, occurrence_key, channel = key
    return Previewed(
        person=gathered.people[person].email if person in gathered.people else "",
        template=template,
        message_class=kind,
        channel=channel,
        local_at=due_at.astimezone(ZoneInfo(tzid)),
        due_at=due_at,
        state=state,
        reason=reason,
        occurrence_key=occurrence_key,
    )


def _addresses(gathered: Gathered) -> set[str]:
    people = [one.person for one in gathered.enrolments.values()]
    managers = [person.line_manager for person in people if person.line_manager]
    return {person.email for person in [*people, *managers]}
