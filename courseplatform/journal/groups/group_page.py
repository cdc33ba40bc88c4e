"""What a group's page tells besides what is shared there: its meetings, and who has gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from courseplatform.cohorts.models import Attendance, Enrolment, GroupMeeting, LearningGroup
from courseplatform.cohorts.transitions.answer import ANSWERS
from courseplatform.journal.groups.finding_a_date import times_to_answer
from courseplatform.journal.groups.meeting_runner import may_begin
from courseplatform.journal.groups.meetings import facilitator_comes, is_facilitator_invited
from courseplatform.people.models import User
from lessons.versions import programme

State = GroupMeeting.State
STILL_ON = timedelta(hours=12)  # after its end: it may last longer, and somebody has to say that it was held
TOLD_FOR = timedelta(days=30)
NAME = "enrolment__person__display_name"


def meetings_on(group: LearningGroup, reader: User, now: datetime) -> dict[str, Any]:
    """The next meeting, or the one that is on, with who comes; and those before it, the latest first. Two queries."""
    rows = _rows(group, reader)
    coming = next((one for one in rows if _is_coming(one["meeting"], now)), None)
    if coming:
        meeting = coming["meeting"]
        coming |= {"may_begin": may_begin(meeting, now), "facilitator_comes": facilitator_comes(meeting)}
        coming["who"] = who_comes(meeting, reader, now) if meeting.state == State.SCHEDULED else None
        coming["week_of"] = group.cohort.starts_on + timedelta(weeks=coming["week"])
    earlier = [one for one in rows if one["meeting"].state != State.PROPOSED and one != coming]
    return {"meeting": coming, "earlier": [one for one in reversed(earlier) if _is_over(one["meeting"], now)]}


@dataclass(frozen=True)
class Coming:
    """Who comes to a meeting: answer → names in order. `own` is the reader's answer, and whether they still may."""

    said: dict[str, list[str]]
    own: str
    may_answer: bool

    @property
    def choices(self) -> list[tuple[str, object]]:
        """What one may answer: value and label."""
        return [(answer.value, answer.label) for answer in ANSWERS]


def who_comes(meeting: GroupMeeting, reader: User, now: datetime) -> Coming:
    """What its members have answered, here or from their calendars; for the group alone. One query."""
    here = Q(enrolment__group_memberships__group=meeting.group_id, enrolment__group_memberships__left_at=None)
    answers = meeting.attendances.filter(here).exclude(response=Attendance.Response.NONE).order_by(NAME)
    said: dict[str, list[str]] = {}
    own = ""
    for answer, person, name in answers.values_list("response", "enrolment__person", NAME):
        said.setdefault(answer, []).append(name)
        own = answer if person == reader.pk else own
    return Coming(said, own, may_answer=bool(meeting.starts_at and now < meeting.starts_at))


def _rows(group: LearningGroup, reader: User) -> list[dict[str, Any]]:
    """The group's meetings in the programme's order, each with its theme and number."""
    waiting = {"times_to_answer": times_to_answer(reader, meeting=OuterRef("pk"))}
    known = group.meetings.select_related("facilitator_invitation__created_by").annotate(**waiting)
    meetings = {one.key: one for one in known}
    for one in meetings.values():
        one.group = group
    planned = programme(group.cohort.programme_version.digest).group_meetings
    return [
        {"meeting": meetings[one.key], "theme": one.theme, "number": number, "week": one.week}
        for number, one in enumerate(planned, 1)
        if one.key in meetings
    ]


def _is_coming(meeting: GroupMeeting, now: datetime) -> bool:
    is_open = meeting.state in (State.PROPOSED, State.SCHEDULED)
    return is_open and (meeting.ends_at is None or meeting.ends_at + STILL_ON > now)


def _is_over(meeting: GroupMeeting, now: datetime) -> bool:
    return meeting.state in (State.HELD, State.CANCELLED) or bool(meeting.ends_at and meeting.ends_at <= now)


def invited_to(group: LearningGroup) -> list[dict[str, Any]]:
    """The meetings the group has invited its facilitator to. No query where they and their invitations are fetched."""
    keys = [one.key for one in programme(group.cohort.programme_version.digest).group_meetings]
    invited = [one for one in group.meetings.all() if is_facilitator_invited(one) and one.key in keys]
    return [{"meeting": one, "number": keys.index(one.key) + 1} for one in invited]


def gone_from(group: LearningGroup, now: datetime) -> list[dict[str, Any]]:
    """Who has left within a month, without why: the cohort, or only this group. One query."""
    stays = group.memberships.filter(left_at__gt=now - TOLD_FOR).select_related("enrolment__person")
    return [
        {"name": stay.enrolment.person.display_name, "is_on_the_cohort": stay.enrolment.state in Enrolment.TAKING_PART}
        for stay in stays.exclude(enrolment__in=_here(group)).order_by("left_at")
    ]


def _here(group: LearningGroup) -> QuerySet[Any, Any]:
    return group.memberships.filter(left_at=None).values("enrolment")
