"""What has happened on the demo cohort: the real engine plans and sends day by day, and the people live their days."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import uuid5

from courseplatform.cohorts.calendar.dates import CohortDates, dates_of
from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Attendance, Enrolment, Substitution, Workshop
from courseplatform.cohorts.read_texts import as_read
from courseplatform.cohorts.transitions import lesson as lessons
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.journal.experiments.thought_through import asked_about
from courseplatform.journal.reflections import writing
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.reading.answering import answer
from courseplatform.outbox.sending.pulse import THE_ROW
from courseplatform.people.models import NotificationPreference, User
from demo import meetings, trying
from demo.cohort import DemoCohort
from demo.habits import SHOWN_TO_VISITORS, answers_after, fraction, reads_after, shares, text_for
from worker import ticks

MORNING, AFTERNOON = time(9), time(16)
SATURDAY = 5
TICK = timedelta(seconds=15)
PLANNING_DAYS = (0, 3)  # Monday and Thursday
FIRST_MESSAGE_BEFORE = timedelta(days=28)
UNREACHABLE = "m17"  # an address that has begun to bounce
ON_A_BREAK = "m12"
HALF_READ = "a2-1"


def live_through(demo: DemoCohort, now: datetime) -> None:
    """Every weekday from four weeks before the start until now."""
    zone = demo.cohort.municipality.timezone
    today = to_local(now, zone).date()
    managers = trying.managers(demo.enrolments, today)
    for day in _weekdays(demo.cohort.starts_on - FIRST_MESSAGE_BEFORE, today):
        morning, afternoon = (to_utc(datetime.combine(day, at), zone) for at in (MORNING, AFTERNOON))
        if morning < now:
            _morning(day, morning)
        if afternoon < now:
            _afternoon(demo, day, afternoon)
            trying.live(managers, day, afternoon)
    _as_it_stands(demo, now)
    _was_awake(now)
    ticks.whole_pass(now)


def _weekdays(first: date, last: date) -> Iterator[date]:
    """Nothing is sent at weekends, so nothing happens here either."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return (day for day in days if day.weekday() < SATURDAY)


def _morning(day: date, now: datetime) -> None:
    """Planning reaches a week ahead, so two mornings a week see everything in good time."""
    _was_awake(now)
    if day.weekday() in PLANNING_DAYS:
        ticks.plan_tick(now)
    ticks.send_tick(now)


def _was_awake(now: datetime) -> None:
    """The workers had rung all night, as they do; a day here is no standstill to tell HR of."""
    Pulse.objects.update_or_create(pk=THE_ROW, defaults={"dispatched_at": now - TICK, "reaped_at": now - TICK})


def _afternoon(demo: DemoCohort, day: date, now: datetime) -> None:
    _read(demo, dates_of(demo.cohort), now)
    _answer(demo, now)
    _hold_workshops(demo, now)
    meetings.hold_meetings(demo, now)
    if day == demo.cohort.starts_on + timedelta(weeks=6):
        meetings.find_days(demo, now)


# --- Reading ---------------------------------------------------------------------------------------------------------
def _read(demo: DemoCohort, dates: CohortDates, now: datetime) -> None:
    today = to_local(now, dates.tzid).date()
    for module in dates.programme.modules:
        for lesson in module.lessons:
            text = as_read(dates.programme, lesson)
            for key, enrolment in demo.enrolments.items():
                if _reads_on(key, lesson.key, dates.module_opens(module.key)) == today:
                    lessons.finish(enrolment, lesson.key, now=now, read_as=text)


def _reads_on(key: str, lesson: str, opens_on: date) -> date | None:
    """The weekday on which somebody reads a lesson; None when they do not."""
    waits = reads_after(key, lesson)
    if waits is None or (key, lesson) == (SHOWN_TO_VISITORS, HALF_READ):
        return None
    day = opens_on + waits
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= SATURDAY else day


# --- Answering -------------------------------------------------------------------------------------------------------
def _answer(demo: DemoCohort, now: datetime) -> None:
    keys = {enrolment.person_id: key for key, enrolment in demo.enrolments.items()}
    arrived = Message.objects.unanswered().filter(enrolment__cohort=demo.cohort, person__in=keys, sent_at__lte=now)
    for message in arrived.select_related("enrolment__cohort", "enrolment__person", "person"):
        key = keys[message.person_id]
        waits = answers_after(key, message.base_template)
        if waits is not None and message.sent_at and now - message.sent_at >= waits:
            _write_answer(demo, key, message, now)


def _write_answer(demo: DemoCohort, key: str, message: Message, now: datetime) -> None:
    if message.kind != Message.Kind.PROMPT:
        answer(message, now)
        return
    text = text_for(_place(demo, key), message.base_template)
    if text is None or _is_kept_open(key, message) or _belongs_to_a_story(message):
        return
    reflection = writing.begin(
        message.enrolment,
        pk=uuid5(message.pk, "answer"),
        message=message,
        prompt_key=message.base_template,
        model_key="free",
        on=to_local(now, message.tzid).date(),
    )
    writing.save(reflection, {"text": text}, edition=reflection.edition, now=now)
    if shares(key, message.base_template):
        with_facilitator = fraction("facilitator", key, message.base_template) < 0.4
        writing.share(reflection, "facilitator" if with_facilitator else "group", now)


def _is_kept_open(key: str, message: Message) -> bool:
    """Visitors find one question to answer: the newest one of the person they sign in as."""
    return key == SHOWN_TO_VISITORS and message.base_template in ("p-c1-map", "p-a2-tuesday")


def _belongs_to_a_story(message: Message) -> bool:
    """What they make of an experiment of their own stands in `stories.yaml`."""
    return message.base_template == trying.ASKED_AFTERWARDS and asked_about(message) is not None


def _place(demo: DemoCohort, key: str) -> int:
    """Somebody's number in their group, so that two peers never wrote the same."""
    return list(demo.enrolments).index(key) // 4


# --- Meeting ---------------------------------------------------------------------------------------------------------
def _hold_workshops(demo: DemoCohort, now: datetime) -> None:
    for workshop in demo.cohort.workshops.filter(state=Workshop.State.SCHEDULED, ends_at__lte=now):
        workshops.hold(workshop, now=now)
        for key, enrolment in demo.enrolments.items():
            _note_attendance(workshop, key, enrolment, now)
        if workshop.key == "w1":
            meetings.agree(demo, now)


def _note_attendance(workshop: Workshop, key: str, enrolment: Enrolment, now: datetime) -> None:
    luck = fraction("came", key, workshop.key)
    outcome = Attendance.Outcome.ATTENDED if luck < 0.88 else Attendance.Outcome.EXCUSED
    Attendance.objects.update_or_create(enrolment=enrolment, workshop=workshop, defaults={"outcome": outcome})


# --- What visitors find ----------------------------------------------------------------------------------------------
def _as_it_stands(demo: DemoCohort, now: datetime) -> None:
    """Answers to the coming workshop, a lesson half read, a break, and an address that bounces."""
    coming = (
        demo.cohort.workshops.filter(state=Workshop.State.SCHEDULED, starts_at__gt=now).order_by("starts_at").first()
    )
    sent = set(Substitution.objects.standing().filter(workshop=coming).values_list("enrolment", flat=True))
    for key, enrolment in demo.enrolments.items():
        if coming and enrolment.pk not in sent and (response := _response(key)):
            answer_workshop(coming, enrolment, response, now=now)
    lessons.begin(demo.enrolments[SHOWN_TO_VISITORS], HALF_READ)
    person = demo.enrolments[ON_A_BREAK].person
    today = to_local(now, person.timezone).date()
    pause = {"pause_from": today, "pause_until": today + timedelta(weeks=2)}
    NotificationPreference.objects.update_or_create(person=person, defaults=pause)
    User.objects.filter(pk=demo.enrolments[UNREACHABLE].person_id).update(undeliverable_since=now)


def _response(key: str) -> str | None:
    luck = fraction("comes", key)
    if key == SHOWN_TO_VISITORS or luck < 0.8:
        return Attendance.Response.ACCEPTED
    return Attendance.Response.DECLINED if luck < 0.85 else None
