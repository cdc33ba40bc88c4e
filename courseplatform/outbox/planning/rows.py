"""A cohort's plan beside its rows: what is new, what has changed, what nobody asks for any more (DELIVERY §8)."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.calendar.policy import Calendar
from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.capping import CALLED_OFF, MAY_RETURN, belongs_to_sender, is_open_to_change
from courseplatform.outbox.planning.catching_up import WELCOME
from courseplatform.outbox.planning.cohort_plan import CohortPlan, Round, is_worth_a_row, turn_of
from courseplatform.outbox.planning.gathering import Gathered, Row
from courseplatform.outbox.planning.inserting import Addressee, Fields, Mailing, insert
from courseplatform.outbox.planning.planned import CLASS_ORDER, MERGED, PLANNED, Key, Planned
from courseplatform.outbox.planning.rewriting import rewrite

State = Message.State
HORIZON = timedelta(days=7)
CANCELS = ("event_cancelled", "cohort_cancelled", "not_enrolled", "not_accepted", "left", "no_date", "no_line_manager")


@dataclass(frozen=True)
class Writing:
    """Makes the rows what the plan says; what has left planning's hands stays as it is. Safe to repeat."""

    cohort: Cohort
    gathered: Gathered
    plan: CohortPlan
    calendar: Calendar
    now: datetime
    people: set[UUID] = field(default_factory=set)  # whose rows have changed
    closings: dict[tuple[date, str], datetime | None] = field(default_factory=dict)

    def write(self) -> int:
        """How many rows are new or different."""
        rows = {row.standing.key: row for row in self.gathered.rows if row.standing.key[0] in self.gathered.enrolments}
        return self.insert() + self.adjust(rows) + self.withdraw(rows)

    # --- New rows ----------------------------------------------------------------------------------------------------
    def insert(self) -> int:
        known = {row.standing.key for row in self.gathered.rows}
        new = [one for one in (self.mailing(one, known) for one in self.plan.rounds) if one.rows]
        self.people.update(to.person_id for mailing in new for to in mailing.addressees)
        made = insert(new, self.now)
        if any(row["state"] == MERGED for mailing in new for row in mailing.rows):
            self.tie_to_welcome()
        return made

    def mailing(self, round_: Round, known: Set[Key]) -> Mailing:
        """What comes near enough for rows and has none: those in the same situation have the same rows."""
        missing = (one for one in round_.messages if one.key not in known and is_worth_a_row(one))
        near = [one for one in missing if self.plan.turns[turn_of(one)] <= self.now + HORIZON]
        rows = [{**self.lasting(one), **self.changing(one), "latest": self.latest(one)} for one in near]
        return Mailing(rows, [Addressee(*pair, spread(pair[1])) for pair in round_.pairs] if rows else [])

    def row(self, message: Planned) -> Message:
        """One alone, not saved yet."""
        return Message(enrolment_id=message.enrolment_id, **self.lasting(message), **self.own(message))

    def lasting(self, message: Planned) -> Fields:
        """What no later plan changes."""
        is_reminder = message.event_id is not None and message.message_class == Message.Kind.REMINDER
        return {
            "kind": message.message_class,
            "template": message.template,
            "occurrence_key": message.occurrence_key,
            "channel": message.channel,
            "is_follow_up": message.is_follow_up,
            "priority": Message.EVENT_REMINDER if is_reminder else Message.THE_REST,
            "workshop_id": None if message.is_about_meeting else message.event_id,
            "meeting_id": message.event_id if message.is_about_meeting else None,
        }

    @property
    def version(self) -> str:
        return self.cohort.programme_version.digest

    def changing(self, message: Planned) -> Fields:
        """What another plan may change, without whose it is."""
        return {
            "template_version": self.version,
            "local_at": message.local_at.replace(tzinfo=UTC),
            "tzid": message.tzid,
            "due_at": message.due_at,
            "expires_at": message.expires_at,
            "state": State.DUE if message.state == PLANNED else message.state,
            "reason": message.reason,
        }

    def own(self, message: Planned) -> Fields:
        """The same for its person."""
        due_at = min(message.due_at + spread(message.person_id), self.latest(message))
        return {**self.changing(message), "person_id": message.person_id, "due_at": due_at}

    def latest(self, message: Planned) -> datetime:
        """Until when it may be spread out: inside the send window."""
        return max(message.due_at, self.closing(message.local_at.date(), message.tzid) or message.due_at)

    def closing(self, day: date, tzid: str) -> datetime | None:
        """When the window closes (UTC); None on a day without one. Many messages share few days."""
        if (day, tzid) not in self.closings:
            window = self.calendar.window(day)
            self.closings[day, tzid] = to_utc(datetime.combine(day, window[1]), tzid) if window else None
        return self.closings[day, tzid]

    def tie_to_welcome(self) -> None:
        """What a late joiner catches up on travels in the one welcome mail."""
        here = Message.objects.filter(enrolment__in=self.gathered.enrolments)
        welcome = Message.objects.filter(enrolment=OuterRef("enrolment"), kind=Message.Kind.WELCOME).values("pk")[:1]
        loose = here.filter(state=State.MERGED, reason=WELCOME, merged_into__isnull=True)
        loose.update(merged_into=Subquery(welcome))

    # --- Rows whose plan has changed ---------------------------------------------------------------------------------
    def adjust(self, rows: dict[Key, Row]) -> int:
        pairs = [(row, one) for key, row in rows.items() if (one := self.plan.get(key))]
        changed = [(row, one) for row, one in pairs if self.differs(row, one)]
        kept = [(row, one) for row, one in changed if one.reason not in CANCELS]
        gone = [(row, one) for row, one in changed if one.reason in CANCELS]
        self.people.update(person for row, one in changed for person in (row.standing.person_id, one.person_id))
        messages = [Message(pk=row.id, **self.own(_in_its_place(row, one))) for row, one in kept]
        returning = (*MAY_RETURN, *CALLED_OFF)
        return rewrite(messages, self.now, returning) + self.cancel((row, one.reason) for row, one in gone)

    def differs(self, row: Row, message: Planned) -> bool:
        standing = row.standing
        if not is_open_to_change(standing, message, self.now):
            return False
        is_same = (
            standing.person_id == message.person_id
            and standing.due_at == message.due_at
            and row.expires_at == message.expires_at
            and row.template_version == self.version
            and standing.reason == message.reason
        )
        return not is_same

    # --- Rows that nothing asks for any more -------------------------------------------------------------------------
    def withdraw(self, rows: dict[Key, Row]) -> int:
        unasked = [row for key, row in rows.items() if self.is_ours_and_waits(row) and not self.plan.get(key)]
        self.people.update(row.standing.person_id for row in unasked)
        return self.cancel((row, "replaced") for row in unasked)

    def is_ours_and_waits(self, row: Row) -> bool:
        """Made from rules, not yet due; calendar mail has its own rules (`invitations`)."""
        is_ours = row.standing.kind in CLASS_ORDER and row.standing.state == State.DUE
        return is_ours and not belongs_to_sender(row.standing, self.now)

    def cancel(self, pairs: Iterable[tuple[Row, str]]) -> int:
        by_reason = defaultdict(list)
        for row, reason in pairs:
            by_reason[reason].append(row.id)
        waiting = Message.objects.filter(state=State.DUE, due_at__gt=self.now)
        return sum(
            waiting.filter(pk__in=ids).update(state=State.CANCELLED, reason=reason) for reason, ids in by_reason.items()
        )


def _in_its_place(row: Row, message: Planned) -> Planned:
    """What is held back for now keeps the place it had found: it may have it again when the reason is gone."""
    if message.reason not in MAY_RETURN:
        return message
    stands = row.standing
    local_at, due_at = stands.local_at, stands.due_at
    return replace(message, local_at=local_at, tzid=stands.tzid, due_at=due_at, expires_at=row.expires_at)


def spread(person_id: UUID) -> timedelta:
    """Each person's own few minutes after the hour, so that a morning's mail is not one instant (DELIVERY §7).

    The same for all of a person's messages: two of one day stay together, and 48 hours stay 48 hours.
    """
    return timedelta(seconds=person_id.int % settings.SEND_SPREAD) if settings.SEND_SPREAD else timedelta()
