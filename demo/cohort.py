"""The demo cohort: set up as HR does it, some weeks before its start."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from courseplatform.cohorts.calendar import policy
from courseplatform.cohorts.calendar.collisions import collisions
from courseplatform.cohorts.calendar.dates import dates_of
from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.models import Cohort, Enrolment, LearningGroup, Workshop
from courseplatform.cohorts.setting_up.new_cohort import create_cohort, make_group
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from demo.town import Town
from lessons.models import ProgrammeVersion
from lessons.versions import programme

SET_UP_BEFORE = timedelta(weeks=6)
WEDNESDAY = 2
WORKSHOP_WEEK = 8  # visitors come in the days before the second workshop
PLACES = {
    "w1": "Rådhuset, sal 2",
    "w2": "Rådhuset, sal 2",
    "w3": "Biblioteket, store sal",
    "w4": "Det gamle pakhus",
    "w5": "Rådhuset, byrådssalen",
}


@dataclass(frozen=True)
class DemoCohort:
    """The cohort with its enrolments by the folder's keys and its groups by number."""

    cohort: Cohort
    enrolments: dict[str, Enrolment]
    groups: dict[int, LearningGroup]


def starts_on(now: datetime) -> date:
    """The Monday that puts the second workshop on the next Wednesday, tomorrow at the earliest."""
    today = now.astimezone(ZoneInfo("Europe/Copenhagen")).date()
    tomorrow = today + timedelta(days=1)
    wednesday = tomorrow + timedelta(days=(WEDNESDAY - tomorrow.weekday()) % 7)
    return wednesday - timedelta(weeks=WORKSHOP_WEEK, days=WEDNESDAY)


def set_up(town: Town, version: ProgrammeVersion, start: date) -> DemoCohort:
    """Dates, people and groups, and the enrolment that opens; nothing has been sent yet."""
    at = to_utc(datetime.combine(start - SET_UP_BEFORE, time(10)), town.municipality.timezone)
    cohort = create_cohort(
        version,
        name=f"Digital ledelse i praksis, {_season(start)}",
        starts_on=start,
        municipality=town.municipality,
        owner_hr=town.people["h1"],
        facilitators=[town.people["f1"], town.people["f2"]],
        capacity=(16, 32),
        by=town.people["h1"],
        now=at,
        is_demo=True,
    )
    _place_workshops(cohort, at)
    cohorts.plan(cohort, now=at)
    cohorts.open_enrolment(cohort, now=at)
    enrolled = _enrol(cohort, town, at)
    return DemoCohort(cohort, enrolled, _form_groups(cohort, town, enrolled, at))


def _season(start: date) -> str:
    return f"{'forår' if start.month < 7 else 'efterår'} {start.year}"


def _place_workshops(cohort: Cohort, now: datetime) -> None:
    """Every workshop gets its place; one that collides moves to the proposed day."""
    rules = policy.from_policy(cohort.municipality.calendar_policy)
    proposals = {one.event_id: one.proposed for one in collisions(dates_of(cohort), rules) if one.kind == "workshop"}
    for workshop in cohort.workshops.all():
        workshops.redraft(workshop, _slot(workshop, proposals.get(workshop.pk), cohort), now=now)


def _slot(workshop: Workshop, day: date | None, cohort: Cohort) -> Slot:
    zone = ZoneInfo(cohort.municipality.timezone)
    planned = programme(cohort.programme_version.digest).workshop(workshop.key)
    on = day or (workshop.starts_at or cohort.created_at).astimezone(zone).date()
    starts, ends = (to_utc(datetime.combine(on, at), zone.key) for at in (planned.start, planned.end))
    return Slot(starts, ends, PLACES[workshop.key])


def _enrol(cohort: Cohort, town: Town, now: datetime) -> dict[str, Enrolment]:
    enrolled = {}
    for key, person in town.participants.items():
        enrolled[key] = enrolments.invite(cohort, person, by=town.people["h1"], now=now)
        enrolments.accept(enrolled[key], now=now)
    return enrolled


def _form_groups(cohort: Cohort, town: Town, enrolled: dict[str, Enrolment], now: datetime) -> dict[int, LearningGroup]:
    formed = {}
    for number in sorted(set(town.group_numbers.values())):
        formed[number] = make_group(cohort, f"Læringsgruppe {number}", by=town.people["h1"])
        for key in (key for key, group in town.group_numbers.items() if group == number):
            groups.join(formed[number], enrolled[key], by=town.people["h1"], now=now)
    for key, numbers in town.facilitated_groups.items():
        for number in numbers:
            groups.give_facilitator(formed[number], town.people[key], now=now)
    return formed
