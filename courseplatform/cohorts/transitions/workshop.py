"""Workshop: draft → scheduled → held; scheduled may move, or be cancelled with a reason (MODEL §3, §7, I13)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Workshop
from courseplatform.cohorts.transitions.asking_again import ask_again
from courseplatform.cohorts.transitions.event import Slot, WorkingDays, check, is_far, obstacle_in_time
from courseplatform.cohorts.transitions.guard import change, reason_given, state_of
from courseplatform.people.refusals import Refusal

State = Workshop.State


def redraft(workshop: Workshop, slot: Slot, *, now: datetime) -> None:
    """draft → draft with another time or place: nobody has heard of the old one. The place may still be open."""
    if obstacle := obstacle_in_time(slot, now, may_be_past=_backfills(workshop)):
        raise Refusal(obstacle, state=state_of(workshop))
    sentence = _("The workshop is already in people's calendars. Move it instead.")
    change(workshop, State.DRAFT, allowed_from=[State.DRAFT], sentence=sentence, now=now, **slot.fields)


def schedule(workshop: Workshop, slot: Slot, *, now: datetime) -> None:
    """draft → scheduled. Raises Refusal for a slot in the past, unless the cohort is entered afterwards."""
    check(slot, workshop, now=now, may_be_past=_backfills(workshop))
    sentence = _("The workshop is already planned.")
    change(workshop, State.SCHEDULED, allowed_from=[State.DRAFT], sentence=sentence, now=now, **slot.fields)


def schedule_as_drafted(workshop: Workshop, *, now: datetime) -> None:
    """draft → scheduled at the time and place it was drafted with."""
    if not (workshop.starts_at and workshop.ends_at):
        raise Refusal(_("The workshop has no date yet."), state=state_of(workshop))
    schedule(workshop, Slot(workshop.starts_at, workshop.ends_at, workshop.place, workshop.link), now=now)


def _backfills(workshop: Workshop) -> bool:
    return bool(workshop.cohort.backfill_reason)


@transaction.atomic
def move(
    workshop: Workshop, slot: Slot, *, calendar: WorkingDays, now: datetime, crosses_sent_reminder: bool = False
) -> None:
    """scheduled → scheduled. The calendar entry gets its next sequence; three working days or more, or a sent reminder
    crossed, begins a new generation of messages. A new time asks everybody to answer again, but for who has answered
    to that time before.

    `workshop` is the row as the person saw it: a change since then is a Refusal. The same slot again changes nothing.
    """
    if slot.is_that_of(workshop):
        return
    check(slot, workshop, now=now)
    seen = {"ics_sequence": workshop.ics_sequence}
    old, new = (workshop.starts_at, workshop.ends_at), (slot.starts_at, slot.ends_at)
    fields: dict[str, Any] = {"ics_sequence": F("ics_sequence") + 1, **slot.fields}
    if crosses_sent_reminder or _is_far(workshop, slot, calendar):
        fields["move_generation"] = F("move_generation") + 1
    sentence = _("The workshop has changed since you opened the page, or it is not planned. Look at it again.")
    change(
        workshop, State.SCHEDULED, allowed_from=[State.SCHEDULED], sentence=sentence, now=now, unchanged=seen, **fields
    )
    if new != old:
        ask_again(workshop.attendances.all(), old, new, now)


def _is_far(workshop: Workshop, slot: Slot, calendar: WorkingDays) -> bool:
    old = workshop.starts_at
    return old is not None and is_far(old, slot.starts_at, calendar, workshop.cohort.municipality.timezone)


def cancel(workshop: Workshop, *, reason: str, now: datetime) -> None:
    """scheduled → cancelled, final: a replacement is a new workshop."""
    given = reason_given(reason, workshop)
    sentence = _("Only a planned workshop can be cancelled.")
    fields: dict[str, Any] = {"state_reason": given, "ics_sequence": F("ics_sequence") + 1}
    change(workshop, State.CANCELLED, allowed_from=[State.SCHEDULED], sentence=sentence, now=now, **fields)


def hold(workshop: Workshop, *, now: datetime) -> None:
    """scheduled → held, once it has ended."""
    if workshop.ends_at and now < workshop.ends_at:
        raise Refusal(_("The workshop has not ended yet."), state=state_of(workshop))
    sentence = _("Only a planned workshop can have been held.")
    change(workshop, State.HELD, allowed_from=[State.SCHEDULED], sentence=sentence, now=now)
