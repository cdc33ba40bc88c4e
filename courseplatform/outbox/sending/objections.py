"""Why a message may not leave after all: the checks of MODEL I12 in the order of DELIVERY §6. Pure; first hit wins."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.cases import SPONSOR
from courseplatform.outbox.planning.occasions import is_before
from courseplatform.outbox.writing.event_templates import CANCELLATION, CANCELS, SEAT_FREE
from courseplatform.people.models import NotificationPreference
from lessons.versions import programme

Kind = Message.Kind
Occurrence = tuple[UUID, str, str]  # enrolment, template and occurrence key without its follow-up number

BEFORE_START = timedelta(days=28)  # from then on those who have accepted are written to
# No longer on the cohort, and still working here: nothing but what takes an entry out of their calendar goes to them.
HAS_LEFT = (Enrolment.State.WITHDRAWN, Enrolment.State.TRANSFERRED)
AFTER_END = timedelta(days=120)  # until then those who have completed get surveys and conversations


@dataclass(frozen=True)
class Objection:
    """A final state and the word that says why."""

    state: str
    reason: str


def occurrence(message: Message) -> Occurrence:
    """What a question and its follow-up have in common: `<object>:<generation>:<template>` of the key (MODEL §13)."""
    return message.enrolment_id, message.template, message.occurrence_key.rpartition(":")[0]


def key_of_free_seat(workshop: UUID | None, given_at: datetime) -> str:
    """The occurrence of the word that somebody's waiting has ended: one for each time."""
    return f"{workshop}:{given_at:%Y%m%dT%H%M%S%f}:{SEAT_FREE}:0"


def objection(message: Message, now: datetime, answered: Set[Occurrence] = frozenset()) -> Objection | None:
    """The first reason against sending at that instant; `answered` names what needs no follow-up any more."""
    for check, state in CHECKS:
        if reason := check(message, now):
            return Objection(state, reason)
    if message.answered_at or message.dismissed_at or (message.is_follow_up and occurrence(message) in answered):
        return Objection(Message.State.SUPPRESSED, "answered")
    is_over = message.expires_at <= now or _has_begun(message, now)
    return Objection(Message.State.SUPPRESSED, too_late(message)) if is_over else None


def _cancelled(message: Message, now: datetime) -> str:
    if message.cancel_asked:
        return "cancelled"
    off = (Workshop.State.CANCELLED, GroupMeeting.State.CANCELLED)
    event = message.workshop or message.meeting
    return "event_cancelled" if event and event.state in off and message.template != CANCELLATION else ""


def _not_taking_part(message: Message, now: datetime) -> str:
    if not message.person.is_active or not message.enrolment.person.is_active:
        return "left"
    is_over = message.enrolment.cohort.state in (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)
    if is_over and message.template != CANCELLATION:
        return "cohort_cancelled"
    if message.template in CANCELS:
        return "" if _may_have_an_entry(message) else "not_enrolled"
    return "" if _may_be_written_to(message, to_local(now, message.tzid).date()) else "not_enrolled"


def _may_have_an_entry(message: Message) -> bool:
    """Whether it may be taken out again; a colleague's also where the one whose seat it was works here no longer."""
    is_colleagues = message.person_id != message.enrolment.person_id
    return is_colleagues or message.enrolment.state in (*Enrolment.TAKING_PART, *HAS_LEFT)


def _may_be_written_to(message: Message, today: date) -> bool:
    state, cohort = message.enrolment.state, message.enrolment.cohort
    if state == Enrolment.State.ACCEPTED:
        return today >= cohort.starts_on - BEFORE_START
    if state == Enrolment.State.COMPLETED:
        length = programme(message.template_version).length_weeks
        ends_on = cohort.starts_on + timedelta(weeks=length, days=-3)
        return message.kind in (Kind.SURVEY, Kind.CONVERSATION) and today <= ends_on + AFTER_END
    return state in (Enrolment.State.ACTIVE, Enrolment.State.PAUSED)  # paused is told apart below


def _not_in_the_group(message: Message, now: datetime) -> str:
    """A group's meeting is nobody's business who has left it. `admission.whole` reads whether its reader is in it."""
    is_in_it = getattr(message, "is_in_the_group", True)
    is_outside = message.meeting_id is not None and message.template not in CANCELS and not is_in_it
    return "not_in_the_group" if is_outside else ""


def _for_another_manager(message: Message, now: datetime) -> str:
    """A line manager's message is for who has that part now: planning leaves alone what a sender has put off."""
    manager = message.enrolment.person.line_manager_id
    if not message.template.endswith(SPONSOR) or message.person_id == manager:
        return ""
    return "replaced" if manager else "no_line_manager"


def _for_another_date(message: Message, now: datetime) -> str:
    """What was asked about a date that has moved far away is asked anew, under a key of its own."""
    event = message.workshop or message.meeting
    if event is None or message.kind == Kind.EVENT or message.anchor != str(event.pk):
        return ""
    return "" if message.occurrence_key.startswith(f"{event.pk}:{event.move_generation}:") else "replaced"


def _without_a_seat(message: Message, now: datetime) -> str:
    """Who waits for a seat need not prepare yet. `admission.whole` reads whether its participant does."""
    return "waiting" if message.kind == Kind.REMINDER and getattr(message, "is_waiting", False) else ""


def _seat_is_gone(message: Message, now: datetime) -> str:
    """A seat that became free is news while it is theirs. `admission.whole` reads since when they have it."""
    if message.template != SEAT_FREE:
        return ""
    since: datetime | None = getattr(message, "seated_since", None)
    return "" if since and message.occurrence_key == key_of_free_seat(message.workshop_id, since) else "replaced"


def _undeliverable(message: Message, now: datetime) -> str:
    by_mail = message.channel != Message.Channel.IN_APP
    return "undeliverable" if by_mail and (message.person.undeliverable_since or not message.person.email) else ""


def _paused(message: Message, now: datetime) -> str:
    if message.kind == Kind.EVENT:  # a calendar must be right even in a pause
        return ""
    today, until = to_local(now, message.tzid).date(), preference_of(message).pause_until
    enrolment = message.enrolment
    away = enrolment.paused_from and enrolment.paused_from <= today <= (enrolment.paused_to or date.max)
    is_paused = enrolment.state == Enrolment.State.PAUSED or away or (until and today <= until)
    return "paused" if is_paused else ""


def _quiet(message: Message, now: datetime) -> str:
    """No question in the fortnight after several that stayed open (MODEL P7). `admission.whole` reads its last day."""
    last: date | None = getattr(message, "quiet_until", None)
    is_quiet = message.kind == Kind.PROMPT and last is not None and to_local(now, message.tzid).date() <= last
    return "quiet" if is_quiet else ""


def _muted(message: Message, now: datetime) -> str:
    may_be_muted = message.kind != Kind.EVENT  # MODEL §5: moves and cancellations cannot be
    return "muted" if may_be_muted and message.kind in preference_of(message).muted_classes else ""


def _has_begun(message: Message, now: datetime) -> bool:
    """Whether it looks ahead to an event that is there already, moved nearer since it was put off (MODEL S6)."""
    event = message.workshop or message.meeting
    if event is None or event.starts_at is None or event.starts_at > now:
        return False
    return message.kind in (Kind.PROMPT, Kind.REMINDER) and _looks_ahead(message)


def _looks_ahead(message: Message) -> bool:
    """As its rule says; our own, which no programme has, are all about something to come."""
    rules = programme(message.template_version).prompts
    return all(is_before(rule) for rule in rules if rule.key == message.base_template)


def too_late(message: Message) -> str:
    """The word for a message whose time is over (MODEL S6)."""
    return {Kind.PROMPT: "stale", Kind.REMINDER: "too_late"}.get(Kind(message.kind), "expired")


def preference_of(message: Message) -> NotificationPreference:
    """The recipient's own wishes, or the usual ones."""
    return getattr(message.person, "notification_preference", None) or usual_wishes()


@cache
def usual_wishes() -> NotificationPreference:
    """Of everybody who has said nothing else. Made once, because it is asked for several times a mail; only to read."""
    return NotificationPreference()


CHECKS = (
    (_cancelled, Message.State.CANCELLED),
    (_not_taking_part, Message.State.CANCELLED),
    (_not_in_the_group, Message.State.CANCELLED),
    (_for_another_manager, Message.State.CANCELLED),
    (_for_another_date, Message.State.CANCELLED),
    (_seat_is_gone, Message.State.CANCELLED),
    (_without_a_seat, Message.State.SUPPRESSED),
    (_undeliverable, Message.State.SUPPRESSED),
    (_paused, Message.State.SUPPRESSED),
    (_quiet, Message.State.SUPPRESSED),
    (_muted, Message.State.SUPPRESSED),
)
