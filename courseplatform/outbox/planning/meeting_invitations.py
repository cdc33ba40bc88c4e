"""Which calendar mail a learning group gets about its meetings: whoever is in the group has the entry, nobody else."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from courseplatform.cohorts.models import Cohort, GroupMeeting, GroupMembership
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.calendar_mail import ARE_ON, INVITED, call_off, cancel, invite
from courseplatform.outbox.planning.entries import (
    MAY_HAVE_ARRIVED,
    NOT_REPLACED,
    STOPPED,
    Heard,
    Holder,
    Pair,
    held,
    key_of,
    latest_of,
    next_sequence,
    were_stopped,
)
from courseplatform.outbox.planning.leavers import came_back
from courseplatform.outbox.writing.event_templates import CANCELS, GROUP_LEFT, INVITATION, REQUESTS

State = Message.State
Members = Mapping[Pair, Holder]


def plan_meetings(cohort: Cohort, ahead: list[GroupMeeting], now: datetime) -> int:
    """Writes the calendar messages that the cohort's groups still lack and returns how many. Safe to repeat."""
    if not ahead:
        return 0
    members = _members(cohort)
    is_on = cohort.state in ARE_ON
    on = [one for one in ahead if one.state == GroupMeeting.State.SCHEDULED and is_on]
    off = [one for one in ahead if one.state == GroupMeeting.State.CANCELLED]
    return sum(_keep(one, members[one.group_id], now) for one in on) + sum(call_off(one, now) for one in off)


def meetings_ahead(cohort: Cohort, now: datetime) -> list[GroupMeeting]:
    """Those that have had a day, the nearest first; held."""
    meetings = GroupMeeting.objects.filter(group__cohort=cohort, starts_at__gt=now)
    related = ("group__cohort__municipality__calendar_policy", "group__cohort__programme_version")
    ahead = meetings.select_related(*related).defer("group__cohort__programme_version__snapshot")
    return held(ahead.order_by("starts_at", "pk"))


def _members(cohort: Cohort) -> Mapping[UUID, Members]:
    """By group: who is in it now and takes part."""
    stays = GroupMembership.objects.filter(group__cohort=cohort, left_at=None, enrolment__state__in=INVITED)
    found: dict[UUID, dict[Pair, Holder]] = defaultdict(dict)
    for stay in stays.select_related("enrolment__person"):
        holder = Holder(stay.enrolment, stay.enrolment.person)
        found[stay.group_id][holder.pair] = holder
    return found


@transaction.atomic
def _keep(meeting: GroupMeeting, members: Members, now: datetime) -> int:
    """A REQUEST for whoever has joined since, or not heard of this time; a CANCEL for whoever has left."""
    mails = Message.objects.filter(meeting=meeting)
    _stop(mails, members)
    heard = latest_of(meeting, only=MAY_HAVE_ARRIVED)
    left = _left(meeting, members, heard)
    missing = _without_request(meeting, mails, members)
    are_back = any(one.pair in heard and heard[one.pair].template in CANCELS for one in missing)
    if left or are_back or came_back(meeting, missing) or were_stopped(meeting, missing):
        next_sequence(meeting, now)
        missing = list(members.values())
    return cancel(meeting, left, GROUP_LEFT, now) + invite(meeting, missing, now)


def _stop(mails: QuerySet[Message], members: Members) -> None:
    """What waits for somebody who has left, or says so to somebody who is back."""
    inside = Q(enrolment__in=[enrolment for enrolment, _person in members])
    requests = mails.filter(~inside, template__in=REQUESTS)
    requests.filter(state=State.CLAIMED).update(cancel_asked=True)
    over = requests | mails.filter(inside, template=GROUP_LEFT)
    over.filter(state=State.DUE, maybe_sent=False).update(state=State.CANCELLED, reason="replaced")


def _left(meeting: GroupMeeting, members: Members, heard: Mapping[Pair, Heard]) -> list[Holder]:
    """Who may still have the entry, is on the cohort but not in the group, and has not been written to about that."""
    on_it = {pair: one for pair, one in heard.items() if one.holder.enrolment.state in INVITED}
    outside = {pair: one for pair, one in on_it.items() if pair not in members and one.template in REQUESTS}
    if not outside:
        return []
    newest = latest_of(meeting, only=NOT_REPLACED)
    return [one.holder for pair, one in outside.items() if newest[pair].template in REQUESTS]


def _without_request(meeting: GroupMeeting, mails: QuerySet[Message], members: Members) -> list[Holder]:
    standing = mails.filter(~STOPPED, occurrence_key=key_of(meeting, INVITATION))
    written = set(standing.values_list("enrolment_id", flat=True))
    return [one for one in members.values() if one.enrolment.pk not in written]
