"""What would be sent if HR took the next step. The very planning that will do it, on changed values; saves nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from courseplatform.cohorts.calendar.dates import EventDate
from courseplatform.cohorts.models import Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.event import Slot, is_far
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.gathering import Gathered, gather
from courseplatform.outbox.planning.planned import PLANNED, CohortRules, Person, Planned
from courseplatform.outbox.planning.together import plan_together
from courseplatform.outbox.sending.pacing import calendar_of

SENT = (Message.State.SENT, Message.State.MERGED)


@dataclass(frozen=True)
class Sending:
    """One template on one local day, to so many people."""

    on: date
    template: str
    message_class: str
    people: int


def if_everybody_says_yes(cohort: Cohort, now: datetime) -> list[Sending]:
    """All that the cohort's rules will send from now on, if everybody invited takes part; by day."""
    gathered = gather(cohort, now)
    rules = with_changed(gathered, _with_everybody)
    planned = [one for one in plan_together(rules, now, gathered.history) if one.enrolment_id in gathered.enrolments]
    going = Counter((one.local_at.date(), one.template, one.message_class) for one in planned if goes(one))
    return [Sending(*key, people) for key, people in sorted(going.items())]


def goes(message: Planned) -> bool:
    """Whether it is sure to go, as far as planning knows."""
    # Whether a follow-up goes depends on answers nobody has given yet.
    return message.state == PLANNED and not message.is_follow_up


def _with_everybody(rules: CohortRules) -> CohortRules:
    stays = Enrolment.State.ACTIVE.value
    may_come = (Enrolment.State.INVITED, Enrolment.State.ACCEPTED)
    recipients = [replace(one, state=stays) if one.state in may_come else one for one in rules.recipients]
    return replace(rules, recipients=tuple(recipients), state=Cohort.State.RUNNING.value)


def with_changed(gathered: Gathered, change: Callable[[CohortRules], CohortRules]) -> list[CohortRules]:
    """The rules with the one cohort changed; the others these people are on stay as they are."""
    return [
        change(rules) if any(one.enrolment_id in gathered.enrolments for one in rules.recipients) else rules
        for rules in map(_without_wishes, gathered.cohorts)
    ]


def _without_wishes(rules: CohortRules) -> CohortRules:
    """As if nobody had stopped, put off or gathered their mails: who has is not for HR to count (MODEL §5)."""
    recipients = [
        replace(one, person=_plain(one.person), line_manager=one.line_manager and _plain(one.line_manager))
        for one in rules.recipients
    ]
    return replace(rules, recipients=tuple(recipients))


def _plain(person: Person) -> Person:
    return Person(
        person.id, person.email, person.tzid, is_active=person.is_active, is_deliverable=person.is_deliverable
    )


@dataclass(frozen=True)
class Change:
    """What happens to one template: the days it went or would go, before and after, and to how many."""

    template: str
    message_class: str
    people: int
    was_sent: date | None
    was_planned: date | None
    becomes: date | None
    reason: str = ""

    @property
    def is_sent_again(self) -> bool:
        return self.was_sent is not None and self.becomes is not None


@dataclass(frozen=True)
class Consequence:
    """A move or a cancellation seen through: which messages change, and which of the event's own do not."""

    changes: tuple[Change, ...]
    crosses_sent_reminder: bool = False


def if_moved(workshop: Workshop, slot: Slot, now: datetime) -> Consequence:
    """What moving the workshop there would change."""
    gathered = gather(workshop.cohort, now)
    anew = _plan_with(gathered, workshop, now, _moved_to(slot, workshop.move_generation + 1))
    crosses = _crosses(gathered, workshop, anew, now)
    after = (
        anew
        if crosses or _is_far(workshop, slot)
        else _plan_with(gathered, workshop, now, _moved_to(slot, workshop.move_generation))
    )
    return Consequence(_compared(gathered, workshop, after, now), crosses)


def if_cancelled(workshop: Workshop, now: datetime) -> Consequence:
    """What cancelling the workshop would change."""
    gathered = gather(workshop.cohort, now)
    after = _plan_with(gathered, workshop, now, lambda event: replace(event, state=Workshop.State.CANCELLED.value))
    return Consequence(_compared(gathered, workshop, after, now))


def _is_far(workshop: Workshop, slot: Slot) -> bool:
    """Nobody knows a draft's old day."""
    cohort, old = workshop.cohort, workshop.starts_at
    if old is None or workshop.state == Workshop.State.DRAFT:
        return False
    return is_far(old, slot.starts_at, calendar_of(cohort), cohort.municipality.timezone)


def _moved_to(slot: Slot, generation: int) -> Callable[[EventDate], EventDate]:
    return lambda event: replace(
        event, starts_at=slot.starts_at, ends_at=slot.ends_at, place=slot.place, move_generation=generation
    )


def _plan_with(
    gathered: Gathered, workshop: Workshop, now: datetime, change: Callable[[EventDate], EventDate]
) -> list[Planned]:
    def changed(rules: CohortRules) -> CohortRules:
        workshops = [change(event) if event.id == workshop.pk else event for event in rules.dates.workshops]
        return replace(rules, dates=replace(rules.dates, workshops=tuple(workshops)))

    return [
        one
        for one in plan_together(with_changed(gathered, changed), now, gathered.history)
        if one.enrolment_id in gathered.enrolments
    ]


def _crosses(gathered: Gathered, workshop: Workshop, anew: Iterable[Planned], now: datetime) -> bool:
    """Whether a reminder of the workshop that has gone out would, by the new date, still lie ahead (MODEL §7)."""
    sent = {row.key[:2] for row in gathered.history if row.state in SENT and row.kind == Message.Kind.REMINDER}
    return any(
        (one.enrolment_id, one.template) in sent and one.due_at > now
        for one in anew
        if one.event_id == workshop.pk and one.state == PLANNED and one.message_class == Message.Kind.REMINDER
    )


def _compared(gathered: Gathered, workshop: Workshop, after: list[Planned], now: datetime) -> tuple[Change, ...]:
    before = _plan_with(gathered, workshop, now, lambda event: event)
    concerned = {one.template: one.message_class for one in [*before, *after] if one.event_id == workshop.pk}
    waiting = {template: _days(before, template) for template in {one.template for one in [*before, *after]}}
    for template in waiting:
        if waiting[template] != _days(after, template):
            concerned.setdefault(template, next(one.message_class for one in after if one.template == template))
    changes = [_change(template, kind, gathered, before, after) for template, kind in concerned.items()]
    return tuple(sorted(changes, key=lambda one: (one.becomes or date.max, one.template)))


def _days(messages: Iterable[Planned], template: str) -> Counter[date]:
    return Counter(one.local_at.date() for one in messages if one.template == template and goes(one))


def _change(template: str, kind: str, gathered: Gathered, before: list[Planned], after: list[Planned]) -> Change:
    sent = [row.local_at.date() for row in gathered.history if row.key[1] == template and row.state in SENT]
    was, becomes = _days(before, template), _days(after, template)
    reasons = Counter(one.reason for one in after if one.template == template and one.reason)
    return Change(
        template=template,
        message_class=kind,
        people=sum(becomes.values()) or sum(was.values()) or len(sent),
        was_sent=max(sent, default=None),
        was_planned=min(was, default=None),
        becomes=min(becomes, default=None),
        reason=reasons.most_common(1)[0][0] if reasons and not becomes else "",
    )
