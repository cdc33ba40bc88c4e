"""A person's own messages, as they read them: what comes and when, what has come, what did not and why.

The coming ones are the planner's own rules for this person, run once more; nothing is saved.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from courseplatform.cohorts.models import GroupMeeting, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.gathering import Gathered, gather_person
from courseplatform.outbox.planning.planned import PLANNED, Planned
from courseplatform.outbox.planning.together import plan_together
from courseplatform.outbox.reading.reasons import sentence_to_you
from courseplatform.outbox.writing.wording import subject_of
from courseplatform.people.models import User

Kind, State = Message.Kind, Message.State
SHOWN, A_PAGE = 6, 20  # mails
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


def coming(person: User, now: datetime, *, most: int | None = SHOWN) -> list[Mail]:
    """The next mails, soonest first; all of them where `most` is None. What will not come after all says why.

    A follow-up among them only comes if nothing is answered until then.
    """
    gathered = gather_person(person, now)
    planned = plan_together(gathered.cohorts, now, gathered.history)
    mine = [one for one in planned if one.person_id == person.pk and one.state in GOES]
    mails = [(at, list(together)) for at, together in groupby(mine, key=lambda one: one.due_at)][:most]
    messages = _as_messages((one for _at, together in mails for one in together), gathered)
    goes = [Mail(at, _told(messages[one.key] for one in together)) for at, together in mails]
    lost = [Mail(one.due_at, (_line(one),)) for one in _lost(person).filter(due_at__gt=now)]
    return sorted([*goes, *lost], key=lambda mail: mail.at)[:most]


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


def history(person: User, now: datetime, number: str | None) -> tuple[Page[Message], list[Mail]]:
    """One page of what came, with all that travelled in it, and of what did not come and why; the newest first."""
    came = Q(state__in=ARRIVED, sent_at__isnull=False, merged_into__isnull=True)
    gone = _own(person).filter(came | (_is_lost() & Q(due_at__lte=now)))
    page = Paginator(gone.order_by(Coalesce("sent_at", "due_at").desc(), "pk"), A_PAGE).get_page(number)
    with_it = defaultdict(list)
    along = _own(person).filter(merged_into__in=[lead.pk for lead in page], state__in=(State.MERGED, State.BOUNCED))
    for one in along.order_by("due_at", "pk"):
        with_it[one.merged_into_id].append(one)
    return page, [Mail(lead.sent_at or lead.due_at, _told([lead, *with_it[lead.pk]])) for lead in page]


def _lost(person: User) -> QuerySet[Message]:
    return _own(person).filter(_is_lost())


def _is_lost() -> Q:
    """Did not come; not what is done already or has a message in its place."""
    return Q(state__in=HELD_BACK) & ~Q(reason__in=NOTHING_LOST)


def _own(person: User) -> QuerySet[Message]:
    messages = Message.objects.of(person)
    return messages.select_related("enrolment__person", "enrolment__cohort", "workshop", "meeting")


def _told(messages: Iterable[Message]) -> tuple[Line, ...]:
    """A line each; the same words are said once."""
    return tuple({line.subject: line for line in map(_line, messages)}.values())


def _line(message: Message) -> Line:
    has_row = not message._state.adding
    return Line(
        subject=title_of(message),
        url=reverse("message", args=[message.pk]) if has_row and message.state in (*ARRIVED, State.MERGED) else "",
        is_follow_up=message.is_follow_up and not has_row,
        why=_why(message),
    )


def _why(message: Message) -> str:
    """Why it did not come; empty when it did, or will."""
    if message.state == State.BOUNCED:
        return sentence_to_you(message.reason or "undeliverable")
    return sentence_to_you(message.reason) if message.state in HELD_BACK else ""


def title_of(message: Message) -> str:
    """What the person knows it as, in the active language. Raises KeyError as `subject_of`."""
    if message.kind == Kind.CONVERSATION and message.is_for_sponsor:
        return _("A conversation with %(name)s") % {"name": message.enrolment.person.display_name}
    return subject_of(message)
