"""A person's own messages, as they read them: what comes and when, what has come, what did not and why.

The coming ones are the planner's own rules for this person, run once more; nothing is saved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from courseplatform.cohorts.models import GroupMeeting, Workshop
from courseplatform.outbox.gathering import Gathered, gather_person
from courseplatform.outbox.models import Message
from courseplatform.outbox.planned import PLANNED, Planned
from courseplatform.outbox.planning import plan_together
from courseplatform.outbox.reasons import sentence_to_you
from courseplatform.outbox.wording import subject_of
from courseplatform.people.models import User

Kind, State = Message.Kind, Message.State
SHOWN = 6
GOES = (PLANNED, State.DUE, State.CLAIMED)
ARRIVED = (State.SENT, State.BOUNCED)
HELD_BACK = (State.SUPPRESSED, State.CANCELLED, State.FAILED, State.HELD)
NOTHING_LOST = ("answered", "replaced")


@dataclass(frozen=True)
class Line:
    """One message in words. `url` leads to its page once there is one; `why` is a sentence when it did not come."""

    subject: str
    url: str = ""
    is_follow_up: bool = False
    why: str = ""


@dataclass(frozen=True)
class Mail:
    """What arrives together, and when (UTC)."""

    at: datetime
    lines: tuple[Line, ...]


def coming(person: User, now: datetime) -> list[Mail]:
    """The next mails, soonest first. A follow-up among them only comes if nothing is answered until then."""
    gathered = gather_person(person, now)
    planned = plan_together(gathered.cohorts, now, gathered.history)
    mine = [one for one in planned if one.person_id == person.pk and one.state in GOES]
    mails = [(at, list(together)) for at, together in groupby(mine, key=lambda one: one.due_at)][:SHOWN]
    messages = _as_messages((one for _at, together in mails for one in together), gathered)
    return [Mail(at, _told(messages[one.key] for one in together)) for at, together in mails]


def _as_messages(planned: Iterable[Planned], gathered: Gathered) -> dict[object, Message]:
    """Messages in memory, so that they are called what the mail will be called. Two queries, for their events."""
    wanted = list(planned)
    events = {one.event_id: one.is_about_meeting for one in wanted if one.event_id}
    workshops = Workshop.objects.in_bulk([pk for pk, is_meeting in events.items() if not is_meeting])
    meetings = GroupMeeting.objects.in_bulk([pk for pk, is_meeting in events.items() if is_meeting])
    return {one.key: _as_message(one, gathered, workshops, meetings) for one in wanted}


def _as_message(
    one: Planned, gathered: Gathered, workshops: dict[UUID, Workshop], meetings: dict[UUID, GroupMeeting]
) -> Message:
    enrolment = gathered.enrolments[one.enrolment_id]
    return Message(
        enrolment=enrolment,
        person_id=one.person_id,
        kind=one.message_class,
        template=one.template,
        template_version=enrolment.cohort.programme_version.digest,
        occurrence_key=one.occurrence_key,
        is_follow_up=one.is_follow_up,
        workshop=workshops.get(one.event_id) if one.event_id else None,
        meeting=meetings.get(one.event_id) if one.event_id else None,
    )


def sent(person: User) -> list[Mail]:
    """The latest mails that went out, newest first, with all that travelled in them."""
    leads = _own(person).filter(state__in=ARRIVED, sent_at__isnull=False).order_by("-sent_at", "pk")[:SHOWN]
    travelled = _own(person).filter(merged_into__in=[lead.pk for lead in leads]).order_by("due_at", "pk")
    together = [(lead, [lead, *(one for one in travelled if one.merged_into_id == lead.pk)]) for lead in leads]
    return [Mail(lead.sent_at, _told(messages)) for lead, messages in together if lead.sent_at]


def held_back(person: User) -> list[Mail]:
    """The latest that did not come, each with the reason; not what is done already or has a message in its place."""
    lost = _own(person).filter(state__in=HELD_BACK).exclude(reason__in=NOTHING_LOST).order_by("-due_at", "pk")
    return [Mail(one.due_at, (_line(one),)) for one in lost[:SHOWN]]


def _own(person: User) -> QuerySet[Message]:
    messages = Message.objects.of(person)
    return messages.select_related("enrolment__person", "enrolment__cohort", "workshop", "meeting")


def _told(messages: Iterable[Message]) -> tuple[Line, ...]:
    """A line each; the same words are said once."""
    return tuple({line.subject: line for line in map(_line, messages)}.values())


def _line(message: Message) -> Line:
    has_row = not message._state.adding
    return Line(
        subject=_subject(message),
        url=reverse("message", args=[message.pk]) if has_row and message.state in (*ARRIVED, State.MERGED) else "",
        is_follow_up=message.is_follow_up and not has_row,
        why=sentence_to_you(message.reason) if message.state in HELD_BACK else "",
    )


def _subject(message: Message) -> str:
    if message.kind == Kind.CONVERSATION and message.is_for_sponsor:
        return _("A conversation with %(name)s") % {"name": message.enrolment.person.display_name}
    return subject_of(message)
