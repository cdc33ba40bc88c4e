"""Why a rule's message is not for this person at that time, as far as planning can know (MODEL I12, §7)."""

from datetime import date

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.planning.occasions import Occasion
from courseplatform.outbox.planning.planned import CohortRules, Person, Recipient, Span
from courseplatform.outbox.sending.objections import AFTER_END, BEFORE_START
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


def pauses(occasion: Occasion, recipient: Recipient, person: Person, today: date) -> tuple[Span, ...]:
    """The enrolment's pause and the person's own, first and last day included (MODEL P8); open ends are far away.

    For questions also the fortnight of quiet after several that stayed open (MODEL P7).
    """
    began = recipient.paused_from
    of_enrolment = [(began, recipient.paused_to or date.max)] if began else []
    since = person.pause_from or today  # one that began before its first day was kept
    of_person = [(since, person.pause_until)] if person.pause_until and person.pause_until >= since else []
    is_question = occasion.prompt.message_class == MessageClass.PROMPT
    ours = [person.quiet] if person.quiet and is_question else []
    return (*of_enrolment, *of_person, *ours)
