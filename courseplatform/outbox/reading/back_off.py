"""Three questions in a row stayed open, so we ask less: a fortnight of quiet, and one line (MODEL P7).

HR is never told who. Any answer, also “Not now”, says that the questions are welcome.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.calendar.policy import Calendar
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import BackOff, Message
from courseplatform.outbox.planning.catching_up import WELCOME
from courseplatform.outbox.planning.gathering import Gathered
from courseplatform.outbox.planning.planned import Person, Standing
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.models import NotificationPreference

Choice, State, Digest = BackOff.Choice, Message.State, NotificationPreference.Digest
TEMPLATE = "back-off"
OPEN_QUESTIONS = 3
DAYS_TO_ANSWER = 5  # working days, from the last time it was asked
QUIET = timedelta(days=14)
A_DAY = timedelta(days=1)
ARRIVED = (State.SENT, State.MERGED)


# --- Does somebody leave our questions open? -------------------------------------------------------------------------
@dataclass
class _Question:
    first: datetime
    last: datetime
    is_answered: bool


def leaves_questions_open(
    rows: Iterable[Standing], calendar: Calendar, now: datetime, since: datetime | None = None
) -> bool:
    """Whether the latest three questions that have had five working days are all open, and none after them answered.

    Their days count from the follow-up where there was one. Only questions asked after `since` count. What nobody has
    looked at for a fortnight since, as after an outage, is not brought up any more. Pure.
    """
    questions = sorted(_questions(rows), key=lambda one: one.first)
    counted = [one for one in questions if since is None or one.first > since]
    ripe = [one for one in counted if one.is_answered or _last_day(one, calendar) < now.date()]
    latest = ripe[-OPEN_QUESTIONS:]
    are_open = len(latest) == OPEN_QUESTIONS and not any(one.is_answered for one in latest)
    return are_open and now.date() - _last_day(latest[-1], calendar) <= QUIET


def _questions(rows: Iterable[Standing]) -> list[_Question]:
    """First sends, each with its follow-up: one question asked twice."""
    asked: dict[object, _Question] = {}
    for row in sorted(rows, key=lambda row: row.at):
        was_asked = row.state in ARRIVED or row.is_answered  # some are answered in their lesson before the mail
        if row.kind == Message.Kind.PROMPT and was_asked and row.reason != WELCOME:
            one = asked.setdefault((*row.key[:2], row.key[2][:-1]), _Question(row.at, row.at, is_answered=False))
            one.last, one.is_answered = row.at, one.is_answered or row.is_answered
    return list(asked.values())


def _last_day(question: _Question, calendar: Calendar) -> date:
    """Until then it is too early to say that it stays open."""
    return calendar.add_workdays(question.last.date(), DAYS_TO_ANSWER)


# --- Beginning and ending --------------------------------------------------------------------------------------------
def look(cohort: Cohort, gathered: Gathered, now: datetime) -> bool:
    """Begins the quiet where it is due, and ends it where nobody has answered in time. Whether anything changed."""
    over = [one for one in gathered.back_offs.values() if _has_run_out(one, gathered.people.get(one.person_id), now)]
    ended = [_take_silence_for(one, _silence_of(gathered.people[one.person_id]), now) for one in over]
    return any([*ended, _begin(cohort, gathered, now)])


def _take_silence_for(back_off: BackOff, choice: str, now: datetime) -> bool:
    """Never switches anything on again: that is for the person's own hand."""
    if not _end(back_off, choice, now):
        return False
    if choice == Choice.FEWER:
        wishes, _made = NotificationPreference.objects.get_or_create(person_id=back_off.person_id)
        NotificationPreference.objects.filter(pk=wishes.pk).update(digest=Digest.WEEKLY, updated_at=now)
    return True


def _has_run_out(back_off: BackOff, person: Person | None, now: datetime) -> bool:
    return bool(person and not back_off.decided_at and back_off.quiet_until < to_local(now, person.tzid).date())


def _silence_of(person: Person) -> str:
    """Who has stopped the questions in another way meanwhile is not asked again for saying nothing here."""
    return Choice.STOP if Message.Kind.PROMPT.value in person.muted_classes else Choice.FEWER


def _begin(cohort: Cohort, gathered: Gathered, now: datetime) -> bool:
    calendar, rows = calendar_of(cohort), defaultdict(list)
    for row in gathered.history:
        rows[row.person_id].append(row)
    silent = [
        enrolment
        for enrolment in gathered.enrolments.values()
        if _may_be_asked(enrolment, gathered, now)
        and leaves_questions_open(rows[enrolment.person_id], calendar, now, _since(enrolment, gathered))
    ]
    return bool(silent) and _write(silent, gathered, calendar, now)


def _may_be_asked(enrolment: Enrolment, gathered: Gathered, now: datetime) -> bool:
    person, back_off = gathered.people[enrolment.person_id], gathered.back_offs.get(enrolment.person_id)
    is_reachable = person.is_active and person.is_deliverable and "prompt" not in person.muted_classes
    is_open = back_off is not None and back_off.decided_at is None
    is_away = person.pause_until is not None and person.pause_until >= to_local(now, person.tzid).date()
    return enrolment.state == Enrolment.State.ACTIVE and is_reachable and not is_away and not is_open


def _since(enrolment: Enrolment, gathered: Gathered) -> datetime | None:
    """Questions from before the last time we asked have been talked about."""
    back_off = gathered.back_offs.get(enrolment.person_id)
    return back_off.decided_at if back_off else None


def _write(silent: list[Enrolment], gathered: Gathered, calendar: Calendar, now: datetime) -> bool:
    """One open row a person, whoever else plans them at this moment; the line goes with the one that was written."""
    wanted = [_back_off(gathered.people[one.person_id], now) for one in silent]
    BackOff.objects.bulk_create(wanted, ignore_conflicts=True)
    people = {one.person_id: one for one in silent}
    written = set(BackOff.objects.filter(person__in=people, began_at=now).values_list("person", flat=True))
    lines = [_line(one, gathered.people[pk], calendar, now) for pk, one in people.items() if pk in written]
    return bool(Message.objects.bulk_create(lines, ignore_conflicts=True))


def _back_off(person: Person, now: datetime) -> BackOff:
    today = to_local(now, person.tzid).date()
    return BackOff(person_id=person.id, began_at=now, quiet_until=today + QUIET - A_DAY)


def _line(enrolment: Enrolment, person: Person, calendar: Calendar, now: datetime) -> Message:
    today = to_local(now, person.tzid).date()
    local = calendar.next_slot(to_local(now, person.tzid), person.preferred_time)
    return Message(
        enrolment=enrolment,
        person_id=person.id,
        kind=Message.Kind.BACK_OFF,
        template=TEMPLATE,
        template_version=enrolment.cohort.programme_version.digest,
        occurrence_key=f"{TEMPLATE}:{today}:{TEMPLATE}:0",
        local_at=local.replace(tzinfo=UTC),
        tzid=person.tzid,
        due_at=to_utc(local, person.tzid),
        expires_at=to_utc(datetime.combine(today + QUIET, time.min), person.tzid),
    )


# --- What the person says --------------------------------------------------------------------------------------------
@transaction.atomic
def decide(back_off: BackOff, choice: str, now: datetime) -> bool:
    """Keep, fewer or stop, by the person's own hand; the quiet is over either way. False when it was over already."""
    is_first = _end(back_off, choice, now)
    if is_first:
        wish(back_off.person_id, choice)
    return is_first


@transaction.atomic
def _end(back_off: BackOff, choice: str, now: datetime) -> bool:
    """The quiet is over, and its line needs no answer any more. False when it was over already."""
    yesterday = to_local(now, back_off.person.timezone).date() - A_DAY
    still_open = BackOff.objects.filter(pk=back_off.pk, decided_at=None)
    if not still_open.update(choice=choice, decided_at=now, quiet_until=yesterday):
        return False
    waiting = Message.objects.filter(person=back_off.person_id, kind=Message.Kind.BACK_OFF, state=State.DUE)
    waiting.update(state=State.SUPPRESSED, reason="answered")
    return True


@transaction.atomic
def wish(person: UUID, choice: str) -> None:
    """Writes down how often somebody wants to be asked: as before, once a week, or not at all."""
    NotificationPreference.objects.get_or_create(person_id=person)
    wishes = NotificationPreference.objects.select_for_update().get(person=person)
    others = [one for one in wishes.muted_classes if one != Message.Kind.PROMPT.value]
    wishes.muted_classes = [*others, Message.Kind.PROMPT.value] if choice == Choice.STOP else others
    if choice == Choice.FEWER:
        wishes.digest = Digest.WEEKLY
    wishes.save(update_fields=["muted_classes", "digest", "updated_at"])


def open_back_off(person: UUID) -> BackOff | None:
    """The one that waits for the person's word."""
    return BackOff.objects.filter(person=person, decided_at=None).select_related("person").first()


def speaks_up(person: UUID, now: datetime) -> None:
    """Somebody has answered: the questions are welcome as before, unless they have been switched off meanwhile."""
    if back_off := open_back_off(person):
        _end(back_off, Choice.KEEP, now)
