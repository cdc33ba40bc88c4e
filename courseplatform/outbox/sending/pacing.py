"""When a message may leave: inside the send window, not too many a week (MODEL S3, S5, P5). Local wall time first."""

from datetime import datetime, time, timedelta

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.calendar.policy import NOTHING_AFTER, NOTHING_BEFORE, Calendar, from_policy
from courseplatform.cohorts.models import CalendarPolicy, Cohort
from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.planning.capping import APART, MAILS_A_WEEK
from courseplatform.outbox.sending.objections import preference_of
from lessons.versions import programme

Kind = Message.Kind

SLACK = timedelta(hours=1)  # what the spread and a late tick may take from those 48 hours
LONGEST_WAIT = timedelta(days=7)  # for a place in the week; later than that it is held back
SOON = timedelta(hours=48)  # changes of an event this near may arrive on any day
CAPPED = (Kind.CONVERSATION, Kind.REMINDER, Kind.SURVEY, Kind.PROMPT)
COUNTED = (*CAPPED, Kind.WELCOME)  # moves and cancellations are not


def calendar_of(cohort: Cohort) -> Calendar:
    """The municipality's calendar; the usual one where none has been set."""
    return from_policy(getattr(cohort.municipality, "calendar_policy", None) or CalendarPolicy())


def opens_at(message: Message, now: datetime, count: WeeklyCount | None = None) -> datetime:
    """The first instant from `now` on at which the message may leave; `count` is what its person has had lately."""
    free = max(now, _place_free_at(message, now, count)) if message.kind in CAPPED else now
    zone = zone_of(message)
    local = to_local(free, zone)
    slot = _urgent_slot(local) if is_urgent(message, now) else _slot(message, local)
    return free if slot == local else to_utc(slot, zone)


def zone_of(message: Message) -> str:
    """Where its reader is by now; they may have moved since it was planned. Calendar mail keeps its event's zone."""
    return message.tzid if message.kind == Kind.EVENT else message.person.timezone


def loses_its_place(message: Message, at: datetime) -> bool:
    """Whether waiting for a place in the week until that instant is more than a message may wait (MODEL P5)."""
    return to_local(at, message.tzid) > message.local_at.replace(tzinfo=None) + LONGEST_WAIT


def is_urgent(message: Message, now: datetime) -> bool:
    """A move or cancellation of an event that begins within 48 hours (MODEL S3), or would as far as its reader knows.

    `admission.whole` reads what they know.
    """
    event, told = message.workshop or message.meeting, getattr(message, "starts_as_told", None)
    is_near = event is not None and event.starts_at is not None and event.starts_at - now <= SOON
    was_near = told is not None and now < told <= now + SOON
    return message.priority == Message.EVENT_CHANGE and (is_near or was_near)


def _urgent_slot(local: datetime) -> datetime:
    if NOTHING_BEFORE <= local.time() < NOTHING_AFTER:
        return local
    day = local.date() + timedelta(days=local.time() >= NOTHING_AFTER)
    return datetime.combine(day, NOTHING_BEFORE)


def _slot(message: Message, local: datetime) -> datetime:
    calendar, preferred = calendar_of(message.enrolment.cohort), preference_of(message).preferred_time
    slot = calendar.next_slot(local, preferred)
    if not calendar.in_school_break(slot.date()) or _may_come_in_a_break(message):
        return slot
    return calendar.slot(calendar.after_school_break(slot.date()), preferred) or slot


def _may_come_in_a_break(message: Message) -> bool:
    if message.kind != Kind.PROMPT:
        return True
    prompts = programme(message.template_version).prompts
    return any(prompt.allow_in_break for prompt in prompts if prompt.key == message.template)


def _place_free_at(message: Message, now: datetime, count: WeeklyCount | None) -> datetime:
    if count is None:
        return now
    local = to_local(now, zone_of(message))
    if _is_of_week(count, local) and count.mails >= MAILS_A_WEEK:
        return max(to_utc(_next_monday(local), zone_of(message)), count.last_at + APART)
    return count.last_at + APART if now < count.last_at + APART - SLACK else now


def _is_of_week(count: WeeklyCount, local: datetime) -> bool:
    return (count.iso_year, count.iso_week) == local.isocalendar()[:2]


def _next_monday(local: datetime) -> datetime:
    return datetime.combine(local.date() + timedelta(days=7 - local.weekday()), time.min)
