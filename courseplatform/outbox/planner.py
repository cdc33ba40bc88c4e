"""Writes the messages of the coming week as rows, and keeps the waiting ones true. Safe to run at any time, twice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from courseplatform.cohorts.calendar import Calendar
from courseplatform.cohorts.local_time import to_utc
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.capping import MAY_RETURN, belongs_to_sender, is_open_to_change
from courseplatform.outbox.catching_up import WELCOME
from courseplatform.outbox.gathering import LIVE, Gathered, Row, gather, with_rules
from courseplatform.outbox.models import Message
from courseplatform.outbox.pacing import calendar_of
from courseplatform.outbox.planned import CLASS_ORDER, MERGED, PLANNED, SUPPRESSED, Key, Planned
from courseplatform.outbox.planning import plan_together
from lessons.versions import programme

State = Message.State
HORIZON = timedelta(days=7)
AFTER_THE_END = timedelta(days=120)  # MODEL I12; later than that nothing is planned any more
# Reasons worth a line in the ledger. The others say that there is nobody to write to, or nothing to write about.
KEPT_REASONS = ("late_join", "paused", "muted", "undeliverable", "cap", "stale", "too_late", "expired", "answered")
CANCELS = ("event_cancelled", "cohort_cancelled", "not_enrolled", "not_accepted", "left", "no_date", "no_line_manager")
PLANNED_FIELDS = ["person", "local_at", "tzid", "due_at", "expires_at", "state", "reason"]


def plan(now: datetime) -> int:
    """One pass over every cohort that writes to anybody; each in its own transaction. Returns how many rows changed."""
    has_waiting = Q(pk__in=Message.objects.filter(state=State.DUE).values("enrolment__cohort"))
    cohorts = with_rules(Cohort.objects.filter(Q(state__in=LIVE) | has_waiting).order_by("pk"))
    return sum(replan(cohort, now) for cohort in cohorts if _may_write(cohort, now))


def replan(cohort: Cohort, now: datetime) -> int:
    """The same for one cohort: after a move, a cancellation, a change of rules."""
    return _replan(cohort.pk, now)


def plan_enrolment(enrolment: Enrolment, now: datetime) -> int:
    """The same for one person on one cohort: somebody joined, paused, came back or left."""
    return _replan(enrolment.cohort_id, now, only=enrolment)


def _may_write(cohort: Cohort, now: datetime) -> bool:
    weeks = programme(cohort.programme_version.digest).length_weeks
    return cohort.state != Cohort.State.COMPLETED or now.date() <= cohort.starts_on + weeks * HORIZON + AFTER_THE_END


@transaction.atomic
def _replan(cohort_id: UUID, now: datetime, *, only: Enrolment | None = None) -> int:
    # Locked, so that of two planners the later one has seen what the earlier one wrote.
    cohort = with_rules(Cohort.objects.select_for_update(of=("self",))).get(pk=cohort_id)
    gathered = gather(cohort, now, only=only)
    messages = plan_together(gathered.cohorts, now, gathered.history)
    own = {message.key: message for message in messages if message.enrolment_id in gathered.enrolments}
    return _Writing(cohort, gathered, own, calendar_of(cohort), now).write()


@dataclass(frozen=True)
class _Writing:
    """One cohort's plan beside its rows."""

    cohort: Cohort
    gathered: Gathered
    plan: dict[Key, Planned]
    calendar: Calendar
    now: datetime

    def write(self) -> int:
        rows = {row.standing.key: row for row in self.gathered.rows if row.standing.key[0] in self.gathered.enrolments}
        return self.insert(set(rows)) + self.adjust(rows) + self.withdraw(rows)

    # --- New rows ----------------------------------------------------------------------------------------------------
    def insert(self, known: set[Key]) -> int:
        new = [one for key, one in self.plan.items() if key not in known and self.is_worth_a_row(one)]
        made = Message.objects.bulk_create((self.row(one) for one in new), ignore_conflicts=True)
        if any(one.state == MERGED for one in new):
            self.tie_to_welcome()
        return len(made)

    def is_worth_a_row(self, message: Planned) -> bool:
        is_near = message.due_at <= self.now + HORIZON
        return is_near and (message.state in (PLANNED, MERGED) or message.reason in KEPT_REASONS)

    def row(self, message: Planned) -> Message:
        event = {"meeting_id" if message.is_about_meeting else "workshop_id": message.event_id}
        is_reminder = message.event_id is not None and message.message_class == Message.Kind.REMINDER
        return Message(
            enrolment_id=message.enrolment_id,
            kind=message.message_class,
            template=message.template,
            template_version=self.cohort.programme_version.digest,
            occurrence_key=message.occurrence_key,
            channel=message.channel,
            is_follow_up=message.is_follow_up,
            priority=Message.EVENT_REMINDER if is_reminder else Message.THE_REST,
            **event,
            **self.planned_fields(message),
        )

    def planned_fields(self, message: Planned) -> dict[str, object]:
        return {
            "person_id": message.person_id,
            "local_at": message.local_at.replace(tzinfo=UTC),
            "tzid": message.tzid,
            "due_at": self.spread_out(message),
            "expires_at": message.expires_at,
            "state": State.DUE if message.state == PLANNED else message.state,
            "reason": message.reason,
        }

    def spread_out(self, message: Planned) -> datetime:
        """A little after the planned instant, and still inside the send window."""
        window = self.calendar.window(message.local_at.date())
        closes = datetime.combine(message.local_at.date(), window[1]) if window else message.local_at
        last = max(message.due_at, to_utc(closes, message.tzid))
        return min(message.due_at + spread(message.person_id), last)

    def tie_to_welcome(self) -> None:
        """What a late joiner catches up on travels in the one welcome mail."""
        here = Message.objects.filter(enrolment__in=self.gathered.enrolments)
        welcome = Message.objects.filter(enrolment=OuterRef("enrolment"), kind=Message.Kind.WELCOME).values("pk")[:1]
        loose = here.filter(state=State.MERGED, reason=WELCOME, merged_into__isnull=True)
        loose.update(merged_into=Subquery(welcome))

    # --- Rows whose plan has changed ---------------------------------------------------------------------------------
    def adjust(self, rows: dict[Key, Row]) -> int:
        pairs = [(row, self.plan[key]) for key, row in rows.items() if key in self.plan]
        changed = [(row, one) for row, one in pairs if self.differs(row, one)]
        kept = [(row, one) for row, one in changed if one.reason not in CANCELS]
        gone = [(row, one) for row, one in changed if one.reason in CANCELS]
        messages = [Message(pk=row.id, **self.planned_fields(one)) for row, one in kept]
        open_to_change = Message.objects.filter(
            Q(state=State.DUE, due_at__gt=self.now) | Q(state=SUPPRESSED, reason__in=MAY_RETURN)
        )
        adjusted = open_to_change.bulk_update(messages, PLANNED_FIELDS) if messages else 0
        return adjusted + self.cancel((row.id, one.reason) for row, one in gone)

    def differs(self, row: Row, message: Planned) -> bool:
        standing = row.standing
        if not is_open_to_change(standing, message, self.now):
            return False
        is_same = (
            standing.person_id == message.person_id
            and standing.due_at == message.due_at
            and row.expires_at == message.expires_at
            and standing.reason == message.reason
        )
        return not is_same

    # --- Rows that nothing asks for any more -------------------------------------------------------------------------
    def withdraw(self, rows: dict[Key, Row]) -> int:
        unasked = [row for key, row in rows.items() if key not in self.plan and self.is_ours_and_waits(row)]
        return self.cancel((row.id, "replaced") for row in unasked)

    def is_ours_and_waits(self, row: Row) -> bool:
        """Made from rules, not yet due; calendar mail has its own rules (`invitations`)."""
        is_ours = row.standing.kind in CLASS_ORDER and row.standing.state == State.DUE
        return is_ours and not belongs_to_sender(row.standing, self.now)

    def cancel(self, pairs: Iterable[tuple[UUID, str]]) -> int:
        by_reason = defaultdict(list)
        for pk, reason in pairs:
            by_reason[reason].append(pk)
        waiting = Message.objects.filter(state=State.DUE, due_at__gt=self.now)
        return sum(
            waiting.filter(pk__in=ids).update(state=State.CANCELLED, reason=reason) for reason, ids in by_reason.items()
        )


def spread(person_id: UUID) -> timedelta:
    """Each person's own few minutes after the hour, so that a morning's mail is not one instant (DELIVERY §7).

    The same for all of a person's messages: two of one day stay together, and 48 hours stay 48 hours.
    """
    return timedelta(seconds=person_id.int % settings.SEND_SPREAD) if settings.SEND_SPREAD else timedelta()
