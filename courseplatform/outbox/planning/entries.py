"""One person's calendar entry of one event: its key, its message, and what they have heard so far."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Q, QuerySet

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Substitution, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import BEFORE_START
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.outbox.writing.event_templates import CANCELS, INVITATION, REQUESTS
from courseplatform.people.models import User

State = Message.State
DEBOUNCE = timedelta(minutes=10)  # moved back and forth: only the last word is sent
NOT_LATER = timedelta(hours=2)  # before the event, however often it is moved
# From here on an entry may stand in somebody's calendar, or be out of it.
MAY_HAVE_ARRIVED = Q(state=State.SENT) | Q(maybe_sent=True)
NOT_REPLACED = ~Q(reason="replaced")
REACHABLE = Q(person__is_active=True, enrolment__person__is_active=True, person__undeliverable_since=None)
# A REQUEST that never left, for somebody who can be reached now: they were out of it then, or could not be reached.
STOPPED = Q(
    REACHABLE & ~Q(person__email=""),
    state__in=[State.CANCELLED, State.SUPPRESSED],
    reason__in=["replaced", "cancelled", "not_in_the_group", "not_enrolled", "left", "undeliverable"],
    maybe_sent=False,
)
MAY_ARRIVE = MAY_HAVE_ARRIVED | Q(state=State.CLAIMED) | Q(state=State.DUE, template__in=CANCELS)
OWN = "0"
Pair = tuple[UUID, UUID]  # enrolment and person
Event = Workshop | GroupMeeting
E = TypeVar("E", Workshop, GroupMeeting)


def about(event: Event) -> dict[str, Any]:
    """The event as a message names it."""
    return {"workshop": event} if isinstance(event, Workshop) else {"meeting": event}


def held(events: QuerySet[E]) -> list[E]:
    """These, for the rest of the transaction, but for those that somebody else holds.

    Whoever is changing one has asked for another look; and to wait for them with a cohort's turn in hand would be to
    wait for somebody who may be waiting for that turn.
    """
    return list(events.select_for_update(of=("self",), skip_locked=True, no_key=True))


def cohort_of(event: Event) -> Cohort:
    """Whose event it is."""
    return event.cohort if isinstance(event, Workshop) else event.group.cohort


@dataclass(frozen=True)
class Holder:
    """Who has an enrolment's seat: the participant, or a colleague for the stay whose id `seat` is."""

    enrolment: Enrolment
    person: User
    seat: str = OWN

    @classmethod
    def of(cls, stay: Substitution) -> "Holder":
        """The colleague of that stay. Raises ValueError for one that is nobody yet."""
        if stay.substitute is None:
            raise ValueError("A stay without a person has no calendar.")
        return cls(stay.enrolment, stay.substitute, stay.pk.hex)

    @property
    def pair(self) -> Pair:
        return self.enrolment.pk, self.person.pk

    @property
    def is_colleague(self) -> bool:
        return self.seat != OWN


@dataclass(frozen=True)
class Heard:
    """The latest calendar mail that may have reached somebody."""

    holder: Holder
    template: str
    digest: str


def latest_of(event: Event, only: Q = MAY_ARRIVE) -> dict[Pair, Heard]:
    """By whom: the last word on its way or arrived. One query."""
    mails = Message.objects.filter(only, template__in=[*REQUESTS, *CANCELS], **about(event))
    found = {}
    for mail in mails.select_related("enrolment", "person").order_by("created_at"):
        seat = mail.occurrence_key.rpartition(":")[2]
        holder = Holder(mail.enrolment, mail.person, seat)
        found[holder.pair] = Heard(holder, mail.template, mail.event_digest)
    return found


def were_stopped(event: Event, missing: Sequence[Holder]) -> bool:
    """Whether a REQUEST of this sequence never left for one of these: they need another, and its key is used up."""
    keys = {key_of(event, INVITATION, one.seat) for one in missing}
    theirs = {"enrolment__in": [one.enrolment for one in missing], "person__in": [one.person for one in missing]}
    return Message.objects.filter(STOPPED, occurrence_key__in=keys, **theirs, **about(event)).exists()


def knows(heard: Heard | None, event: Event) -> bool:
    """Whether it tells of the time and place that now stand."""
    return heard is not None and heard.template in REQUESTS and heard.digest == digest(event)


def digest(event: Event) -> str:
    """Time and place in a few letters: what people must hear of when it changes."""
    facts = (event.starts_at, event.ends_at, event.place, event.link)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def next_sequence(event: Event, now: datetime) -> None:
    """Somebody's entry changes its status, so what is sent next must outdo what they have (MODEL I13)."""
    rows = type(event)._default_manager.filter(pk=event.pk)
    rows.update(ics_sequence=F("ics_sequence") + 1, updated_at=now)
    event.refresh_from_db(fields=["ics_sequence"])


def key_of(event: Event, template: str, seat: str = OWN) -> str:
    """The occurrence: one for each sequence and each stay in a seat."""
    return f"{event.pk}:{event.ics_sequence}:{template}:{seat}"


def entry(event: Event, holder: Holder, template: str, key: str, due_at: datetime) -> Message:
    """The message, not saved yet."""
    cohort = cohort_of(event)
    tzid = cohort.municipality.timezone
    return Message(
        enrolment=holder.enrolment,
        person=holder.person,
        kind=Message.Kind.EVENT,
        template=template,
        template_version=cohort.programme_version.digest,
        occurrence_key=key,
        channel=Message.Channel.CALENDAR,
        event_digest=digest(event),
        priority=Message.EVENT_CHANGE,
        local_at=to_local(due_at, tzid).replace(tzinfo=UTC),
        tzid=tzid,
        due_at=due_at,
        expires_at=event.starts_at or due_at,
        **about(event),
    )


def write(rows: Iterable[Message]) -> int:
    """Saves them; one that stands already is left alone (MODEL I11)."""
    return len(Message.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True))


def first_due(event: Event, now: datetime) -> datetime:
    """Now, but not before people may be written to at all (MODEL I12), and in an open slot."""
    cohort = cohort_of(event)
    calendar, tzid = calendar_of(cohort), cohort.municipality.timezone
    earliest = datetime.combine(cohort.starts_on - BEFORE_START, calendar.default_send_time)
    local = to_local(now, tzid)
    return now if local >= earliest else to_utc(calendar.next_slot(earliest), tzid)


def debounce(rows: Iterable[Message], event: Event, now: datetime) -> None:
    """They wait ten minutes, for somebody may change their mind."""
    latest = event.starts_at - NOT_LATER if event.starts_at else now
    for row in rows:
        row.not_before = max(now, min(now + DEBOUNCE, latest))
