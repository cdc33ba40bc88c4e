"""The demo groups: what they agree on, the days they find, and the meeting they have held."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.journal.groups import agreements, finding_a_date, meeting_runner, meeting_texts
from courseplatform.journal.groups.meetings import members_of
from courseplatform.journal.models import Commitment, MeetingNote
from courseplatform.people.models import User
from demo.cohort import DemoCohort
from demo.habits import fraction
from lessons.versions import programme

SAID = Path(__file__).parent / "meetings.yaml"
WITHOUT_A_DAY = 3  # the group that has not proposed anything for its second meeting
FINDING_A_DAY = 4  # the group that is choosing between two
LENGTH = timedelta(hours=3)


def agree(demo: DemoCohort, now: datetime) -> None:
    """At the first workshop the groups agree, everybody says yes, and they find the day of the first meeting."""
    for number, group in demo.groups.items():
        first, *others = [one.person for one in members_of(group)]
        agreement = agreements.propose(group, _said()["agreements"][number], by=first, now=now)
        for person in others:
            agreements.say_yes(agreement, person, now=now)
        group.refresh_from_db()
        find_day(demo, number, "g1", now)


def find_days(demo: DemoCohort, now: datetime) -> None:
    """Of the second meeting: two groups have found it, one is choosing, and one has not begun."""
    for number in demo.groups:
        if number == FINDING_A_DAY:
            _propose_days(demo, number, now)
        elif number != WITHOUT_A_DAY:
            find_day(demo, number, "g2", now)


def find_day(demo: DemoCohort, number: int, key: str, now: datetime) -> None:
    """A group agrees on a day of the meeting's week: Tuesday, Wednesday or Thursday, from nine to twelve."""
    slot = _slot(demo, key, 1 + number % 3, time(9), "Rådhuset, mødelokale 4")
    meetings.schedule(demo.groups[number].meetings.get(key=key), slot, now=now)


def _slot(demo: DemoCohort, key: str, weekday: int, at: time, place: str) -> Slot:
    week = programme(demo.cohort.programme_version.digest).group_meeting(key).week
    day = demo.cohort.starts_on + timedelta(weeks=week, days=weekday)
    starts_at = to_utc(datetime.combine(day, at), demo.cohort.municipality.timezone)
    return Slot(starts_at, starts_at + LENGTH, place)


def _propose_days(demo: DemoCohort, number: int, now: datetime) -> None:
    meeting = demo.groups[number].meetings.get(key="g2")
    proposals = []
    for one in _said()["dates"]:
        slot = _slot(demo, "g2", one["day"], time.fromisoformat(one["from"]), one["place"])
        proposals.append(finding_a_date.propose(meeting, slot, by=demo.enrolments[one["by"]], now=now).pk)
    for key, answers in _said()["answers"].items():
        finding_a_date.answer(meeting, demo.enrolments[key], dict(zip(proposals, answers, strict=True)))


def hold_meetings(demo: DemoCohort, now: datetime) -> None:
    """Those that have ended by now, from the round to the last word."""
    for number, group in demo.groups.items():
        for meeting in group.meetings.filter(state=GroupMeeting.State.SCHEDULED, ends_at__lte=now):
            _hold(demo, number, meeting)


def _hold(demo: DemoCohort, number: int, meeting: GroupMeeting) -> None:
    keys = {enrolment.pk: key for key, enrolment in demo.enrolments.items()}
    present = [one for one in members_of(meeting.group) if _comes(keys[one.pk], meeting.key)]
    presenters = [one for one in present if keys[one.pk] in _said()["commitments"]]
    keeper = next(one for one in present if one not in presenters)
    starts_at, ends_at = meeting.starts_at, meeting.ends_at
    if starts_at is None or ends_at is None:
        raise ValueError("A meeting that is held has a day.")
    run = meeting_runner.begin(meeting, present, presenters, keeper, now=starts_at)
    for one in presenters:
        _keep(Commitment, _said()["commitments"][keys[one.pk]], one, meeting, by=keeper.person, now=ends_at)
    if note := _said()["notes"].get(number):
        _keep(MeetingNote, note, keeper, meeting, by=keeper.person, now=ends_at)
    meeting_runner.end(run, present, now=ends_at)


def _comes(key: str, meeting: str) -> bool:
    return key in _said()["commitments"] or fraction("meets", key, meeting) < 0.8


def _keep(
    kind: type[Commitment] | type[MeetingNote],
    text: str,
    of: Enrolment,
    meeting: GroupMeeting,
    *,
    by: User,
    now: datetime,
) -> None:
    meeting_texts.keep(kind, uuid4(), text, of=of, meeting=meeting, by=by, now=now)


@lru_cache(maxsize=1)
def _said() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(SAID.read_text(encoding="utf-8"))
    return said
