"""GroupMeeting: proposed → scheduled → held; may move, or be cancelled with a reason (MODEL §3)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import GroupMeeting
from courseplatform.cohorts.transitions.asking_again import ask_again
from courseplatform.cohorts.transitions.event import Slot, WorkingDays, check, is_far
from courseplatform.cohorts.transitions.guard import change, reason_given, state_of
from courseplatform.people.refusals import Refusal

State = GroupMeeting.State


def schedule(meeting: GroupMeeting, slot: Slot, *, now: datetime) -> None:
    """proposed → scheduled: the group has found its day."""
    check(slot, meeting, now=now, may_be_past=bool(meeting.group.cohort.backfill_reason))
    sentence = _("The meeting already has its day. Move it instead.")
    change(meeting, State.SCHEDULED, allowed_from=[State.PROPOSED], sentence=sentence, now=now, **slot.fields)


@transaction.atomic
def move(
    meeting: GroupMeeting, slot: Slot, *, calendar: WorkingDays, now: datetime, crosses_sent_reminder: bool = False
) -> None:
    """scheduled → scheduled; sequence and generation as for a workshop, and a yes to the old time is no yes to the new.

    The same slot again changes nothing.
    """
    if slot.is_that_of(meeting):
        return
    check(slot, meeting, now=now)
    seen = {"ics_sequence": meeting.ics_sequence}
    fields: dict[str, Any] = {"ics_sequence": F("ics_sequence") + 1, **slot.fields}
    tzid = meeting.group.cohort.municipality.timezone
    if crosses_sent_reminder or (meeting.starts_at and is_far(meeting.starts_at, slot.starts_at, calendar, tzid)):
        fields["move_generation"] = F("move_generation") + 1
    sentence = _("The meeting has changed since you opened the page, or it has no day yet. Look at it again.")
    old, new = (meeting.starts_at, meeting.ends_at), (slot.starts_at, slot.ends_at)
    allowed = [State.SCHEDULED]
    change(meeting, State.SCHEDULED, allowed_from=allowed, sentence=sentence, now=now, unchanged=seen, **fields)
    if new != old:
        ask_again(meeting.attendances.all(), old, new, now)


def cancel(meeting: GroupMeeting, *, reason: str, now: datetime) -> None:
    """proposed or scheduled → cancelled, with a reason."""
    given = reason_given(reason, meeting)
    sentence = _("The meeting is over or already cancelled.")
    fields: dict[str, Any] = {"state_reason": given, "ics_sequence": F("ics_sequence") + 1}
    to_come = [State.PROPOSED, State.SCHEDULED]
    change(meeting, State.CANCELLED, allowed_from=to_come, sentence=sentence, now=now, **fields)


def hold(meeting: GroupMeeting, *, now: datetime) -> None:
    """scheduled → held, once it has begun: a group that is done early may go."""
    if meeting.starts_at and now < meeting.starts_at:
        raise Refusal(_("The meeting has not begun yet."), state=state_of(meeting))
    sentence = _("Only a meeting with a day can have been held.")
    change(meeting, State.HELD, allowed_from=[State.SCHEDULED], sentence=sentence, now=now)
