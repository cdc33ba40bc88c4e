"""A group of five around a table, and how they tap."""

import html
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from courseplatform.journal.groups import meeting_runner, meeting_texts
from courseplatform.journal.models import Commitment, MeetingNote
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
)

MINUTE = timedelta(minutes=1)
STARTS = datetime(2026, 11, 18, 8, tzinfo=UTC)
PROMISE = "Jeg spørger nattevagten om zebraen."
NAMES = ["Leder, Engholm", "Leder, Byggesag", "Skoleleder", "Kulturchef", "Teamleder, Jobcenter"]


class Table:
    """`members` by the order of NAMES; `meeting` is the second one, scheduled; the first has been held."""

    def __init__(self):
        cohort = CohortFactory()
        self.facilitator = UserFactory(display_name="Facilitator")
        cohort.facilitators.add(self.facilitator)
        self.group = GroupFactory(cohort=cohort, name="Gruppe 4", facilitator=self.facilitator)
        self.members = [self.joins(name) for name in NAMES]
        self.first = self.meeting_at("g1", STARTS - timedelta(weeks=7), state="held")
        self.meeting = self.meeting_at("g2", STARTS)

    def joins(self, name, *, at=datetime(2026, 8, 31, 6, tzinfo=UTC)):
        enrolment = EnrolmentFactory(cohort=self.group.cohort, person__display_name=name)
        MembershipFactory(group=self.group, enrolment=enrolment, joined_at=at)
        return enrolment

    def meeting_at(self, key, starts_at, state="scheduled"):
        ends_at = starts_at + timedelta(hours=3)
        return MeetingFactory(
            group=self.group, key=key, state=state, starts_at=starts_at, ends_at=ends_at, place="Rådhuset"
        )

    def begin(self, *, meeting=None, present=5, presenters=3, now=STARTS):
        here = self.members[:present]
        return meeting_runner.begin(meeting or self.meeting, here, here[:presenters], here[-1], now=now)

    def promise(self, who=0, *, meeting=None, text=PROMISE, now=STARTS):
        member, pk = self.members[who], uuid4()
        at = meeting or self.meeting
        meeting_texts.keep(Commitment, pk, text, of=member, meeting=at, by=member.person, now=now)
        return Commitment.objects.get(pk=pk)

    def note(self, who=0, *, text="Vi hjalp for hurtigt.", now=STARTS):
        member, pk = self.members[who], uuid4()
        meeting_texts.keep(MeetingNote, pk, text, of=member, meeting=self.meeting, by=member.person, now=now)
        return MeetingNote.objects.get(pk=pk)


class AtThePages:
    """Tests at the moment the meeting starts; `phone` is the first member's."""

    @pytest.fixture(autouse=True)
    def clock(self):
        with time_machine.travel(STARTS, tick=False) as clock:
            yield clock

    @pytest.fixture
    def phone(self, client, table):
        client.force_login(table.members[0].person)
        return client

    def look(self, phone, table, **query):
        answer = phone.get(reverse("meeting", kwargs={"pk": table.meeting.pk}), query)
        return html.unescape(answer.content.decode()).replace("\xa0", " ")

    def tap(self, phone, table, **what):
        return phone.post(reverse("meeting-tap", kwargs={"pk": table.meeting.pk}), what, follow=what["do"] == "next")

    def begin(self, phone, table, **changed):
        who = [str(one.pk) for one in table.members]
        posted = {"present": who, "turn-1": who[0], "turn-2": who[1], "turn-3": "", "keeper": who[2]} | changed
        return phone.post(reverse("meeting-begin", kwargs={"pk": table.meeting.pk}), posted)
