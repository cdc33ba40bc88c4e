"""How far ahead rows are made, and when time alone next makes a difference to a cohort."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.cohorts.transitions.cohort import starts_at
from courseplatform.outbox.planning.cohort_plan import CohortPlan
from courseplatform.outbox.planning.gathering import LIVE, Gathered
from courseplatform.outbox.planning.invitations import waits_for_a_sender
from courseplatform.outbox.planning.rows import HORIZON

A_DAY = timedelta(days=1)
SOON = timedelta(minutes=1)
ASLEEP = timedelta(days=30)  # drafts, and what is over: they wake when they change


def next_look(
    cohort: Cohort, now: datetime, gathered: Gathered | None = None, plan: CohortPlan | None = None
) -> datetime:
    """The first instant after `now` at which the cohort must be looked at, though nothing changes; a day at most while
    it is alive, so that whatever was overlooked is found."""
    usual = now + (A_DAY if gathered or cohort.state in LIVE else ASLEEP)
    moments: list[datetime] = [
        *_of_the_cohort(cohort, now),
        *(_of_the_plan(plan, now) if plan else ()),
        *(_of_the_people(gathered) if gathered else ()),
    ]
    return min([usual, *(moment for moment in moments if moment > now)])


def _of_the_cohort(cohort: Cohort, now: datetime) -> Iterator[datetime]:
    if cohort.state == Cohort.State.ENROLLING:
        yield starts_at(cohort)
    if waits_for_a_sender(cohort, now):
        yield now + SOON


def _of_the_plan(plan: CohortPlan, now: datetime) -> Iterator[datetime]:
    """When the next messages come near enough for rows."""
    return (first - HORIZON for first in plan.turns.values() if first > now + HORIZON)


def _of_the_people(gathered: Gathered) -> Iterator[datetime]:
    """When a pause is over, and the quiet after questions that stayed open."""
    for enrolment in gathered.enrolments.values():
        if enrolment.state == Enrolment.State.PAUSED and enrolment.paused_to:
            yield _morning_after(enrolment.paused_to, enrolment.cohort.municipality.timezone)
    for one in gathered.back_offs.values():
        if one.decided_at is None and one.person_id in gathered.people:
            yield _morning_after(one.quiet_until, gathered.people[one.person_id].tzid)


def _morning_after(day: date, tzid: str) -> datetime:
    return to_utc(datetime.combine(day + A_DAY, time.min), tzid)
