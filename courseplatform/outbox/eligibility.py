"""Why a rule's message is not for this person at that time, as far as planning can know (MODEL I12, §7)."""

from datetime import date, timedelta

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.objections import AFTER_END, BEFORE_START
from courseplatform.outbox.occasions import Occasion
from courseplatform.outbox.planned import CohortRules, Person, Recipient
from lessons.shape import MessageClass

State = Enrolment.State
GONE = (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)
STILL_ASKED = (MessageClass.SURVEY, MessageClass.CONVERSATION)  # after completing


def obstacle(occasion: Occasion, recipient: Recipient, person: Person, rules: CohortRules) -> str:
    """The first reason of `reasons.py` against it, or nothing. Pauses and lateness are looked at later."""
    if rules.state in GONE:
        return "cohort_cancelled"
    if not (recipient.person.is_active and person.is_active):
        return "left"
    if not person.is_deliverable:
        return "undeliverable"
    if occasion.prompt.message_class.value in person.muted_classes:
        return "muted"
    return _enrolment_obstacle(occasion, recipient, rules)


def _enrolment_obstacle(occasion: Occasion, recipient: Recipient, rules: CohortRules) -> str:
    if recipient.state == State.INVITED:
        return "not_accepted"
    if recipient.state == State.ACCEPTED:
        return "not_enrolled" if occasion.day < rules.dates.starts_on - BEFORE_START else ""
    if recipient.state == State.COMPLETED:
        return "" if _is_still_asked(occasion, rules) else "not_enrolled"
    return "" if recipient.state in (State.ACTIVE, State.PAUSED) else "not_enrolled"


def _is_still_asked(occasion: Occasion, rules: CohortRules) -> bool:
    return occasion.prompt.message_class in STILL_ASKED and occasion.day <= rules.dates.ends_on + AFTER_END


def is_paused(day: date, recipient: Recipient, person: Person, today: date) -> bool:
    """Whether that day lies in the enrolment's pause or in the person's own, first and last day included (MODEL P8)."""
    if person.pause_until and today <= day <= person.pause_until:
        return True
    began = recipient.paused_from
    return began is not None and began <= day <= (recipient.paused_to or date.max)


def back_on(recipient: Recipient, person: Person) -> date | None:
    """The first day after the pause; None while nobody knows."""
    last = [day for day in (recipient.paused_to, person.pause_until) if day]
    return max(last) + timedelta(days=1) if last else None
