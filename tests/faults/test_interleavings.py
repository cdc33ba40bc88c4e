"""Two sessions on PostgreSQL, statement by statement, in every order of their parts (DELIVERY §12 S2).

SQLite has one writer, so there is nothing to interleave. Locks are taken event → enrolment → message by id.
"""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from math import ceil

import pytest
from django.core import mail
from django.db import connection, transaction

from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Enrolment
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Claim, Message, PlanningRequest, PlanningTurn
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import plan, plan_enrolment, replan
from courseplatform.outbox.planning.turns import in_trouble
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim, settle
from courseplatform.outbox.sending.reaping import reap
from courseplatform.outbox.writing.event_templates import MOVED
from courseplatform.people.refusals import Refusal
from lessons.versions import publish
from tests.demo_programme import programme
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    MeetingFactory,
    MembershipFactory,
    WorkshopFactory,
)
from tests.faults.counts import IS_FULL
from tests.faults.two_sessions import alone, together

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time: nothing to interleave"),
]
PARTS = 3 if IS_FULL else 2  # of each session
PLANNED_AT = datetime(2026, 8, 31, 4, tzinfo=UTC)
NOW = datetime(2026, 9, 1, 6, 31, tzinfo=UTC)  # a Tuesday morning: p-sponsor-before is due


# --- Every order -----------------------------------------------------------------------------------------------------
def in_every_order(make, check):
    """Tries each order of the two sessions' parts on a new world. `make` gives a world and the two pieces of work."""
    _world, first, second = make()
    sizes = [ceil(max(1, count) / PARTS) for count in (alone(first), alone(second))]
    for order in sorted(set(permutations([0] * PARTS + [1] * PARTS))):
        clear()
        world, first, second = make()
        results = together(first, second, order, sizes)
        try:
            check(world, *results)
        except AssertionError as error:
            raise AssertionError(f"in the order {order}: {error}") from error


def clear():
    PlanningRequest.objects.all().delete()  # nobody looks at the worlds of before
    PlanningTurn.objects.all().delete()
    Message.objects.all().delete()  # claims stay: a database that has forgotten some is taken for a backup
    mail.outbox.clear()


# --- The world -------------------------------------------------------------------------------------------------------
class World:
    def __init__(self):
        self.cohort = CohortFactory()
        self.policy = CalendarPolicyFactory(municipality=self.cohort.municipality)
        at = datetime(2026, 9, 9, 6, 30, tzinfo=UTC)
        self.workshop = WorkshopFactory(cohort=self.cohort, key="w1", starts_at=at, ends_at=at + timedelta(hours=6))
        self.enrolments = EnrolmentFactory.create_batch(2, cohort=self.cohort)
        plan_invitations(self.cohort, PLANNED_AT)
        replan(self.cohort, PLANNED_AT)
        Message.objects.filter(kind="event").update(state="sent", sent_at=PLANNED_AT)

    def send(self):
        return send_due(NOW)

    @transaction.atomic
    def move(self):
        at = self.workshop.starts_at + timedelta(days=14)
        slot = Slot(at, at + timedelta(hours=6), "Rådhuset")
        workshops.move(self.workshop, slot, calendar=from_policy(self.policy), now=NOW)
        plan_invitations(self.cohort, NOW)
        replan(self.cohort, NOW)

    @transaction.atomic
    def withdraw(self):
        enrolment = Enrolment.objects.select_related("cohort__municipality").get(pk=self.enrolments[0].pk)
        enrolments.withdraw(enrolment, reason="Nyt job", now=NOW)
        plan_enrolment(enrolment, NOW)

    @transaction.atomic
    def apply_version(self):
        self.cohort.programme_version = self.version
        self.cohort.save()
        replan(self.cohort, NOW)


class WithGroup(World):
    """Both are in one group, which has chosen its day: each has the workshop and the meeting in their calendar."""

    def __init__(self):
        super().__init__()
        self.stays = [MembershipFactory(group__cohort=self.cohort, enrolment=self.enrolments[0])]
        self.stays.append(MembershipFactory(group=self.stays[0].group, enrolment=self.enrolments[1]))
        at = datetime(2026, 9, 16, 7, tzinfo=UTC)
        times = {"starts_at": at, "ends_at": at + timedelta(hours=3)}
        self.meeting = MeetingFactory(group=self.stays[0].group, state="scheduled", **times)
        plan_invitations(self.cohort, PLANNED_AT)
        Message.objects.filter(kind="event").update(state="sent", sent_at=PLANNED_AT)

    @transaction.atomic
    def leave_group(self):
        groups.leave(self.stays[0], now=NOW)

    def plan(self):
        return plan(NOW)

    def calendar_of(self, number, event):
        """What one of them has been and will be written about it, in order."""
        mails = Message.objects.filter(enrolment=self.enrolments[number], **{event: getattr(self, event)})
        mails = mails.filter(kind="event").exclude(state="cancelled")
        return list(mails.order_by("created_at").values_list("template", flat=True))

    def sequence_of(self, event):
        getattr(self, event).refresh_from_db()
        return getattr(self, event).ics_sequence


def is_done(work):
    """False where the rules refuse it, because somebody was faster."""
    try:
        work()
    except Refusal:
        return False
    return True


def twice():
    """Messages that went out more than once."""
    ids = [one.extra_headers["Message-ID"] for one in mail.outbox]
    return sorted({one for one in ids if ids.count(one) > 1})


def due_now():
    return Message.objects.filter(state__in=["due", "claimed"], due_at__lte=NOW)


# --- What meets what -------------------------------------------------------------------------------------------------
def test_a_move_and_a_claim():
    def make():
        world = World()
        return world, world.move, world.send

    def check(world, _moved, _sent):
        assert twice() == []
        assert not due_now().exclude(kind="event").exists()
        world.workshop.refresh_from_db()
        assert world.workshop.ics_sequence == 1
        told = Message.objects.filter(template=MOVED, occurrence_key__startswith=f"{world.workshop.pk}:1:")
        assert told.count() == 2

    in_every_order(make, check)


def test_a_withdrawal_and_a_slice():
    def make():
        world = World()
        return world, world.withdraw, world.send

    def check(world, _withdrawn, _sent):
        gone = world.enrolments[0]
        mails = [one.to[0] for one in mail.outbox]
        assert twice() == []
        assert (
            mails.count(gone.person.email) == Message.objects.filter(enrolment=gone, sent_at=NOW, state="sent").count()
        )
        assert not Message.objects.filter(enrolment=gone, state__in=["due", "claimed"]).exists()
        assert not Message.objects.filter(enrolment=gone, state="cancelled", sent_at=NOW).exists()

    in_every_order(make, check)


def test_the_reaper_and_a_late_settle():
    def make():
        world = World()
        lease = claim(NOW)
        Claim.objects.update(lease_until=NOW + timedelta(seconds=120))
        ours = list(Message.objects.filter(claim=lease.claim).order_by("claim_pos"))
        world.first = ours[0]
        late = NOW + timedelta(minutes=3)
        return world, lambda: reap(late), lambda: settle(lease.claim, [ours[0].pk], state="sent", sent_at=NOW)

    def check(world, _freed, settled):
        message = Message.objects.get(pk=world.first.pk)
        assert (message.state, message.maybe_sent) == (("sent", False) if settled else ("due", True))
        assert not Message.objects.filter(state="claimed").exists()

    in_every_order(make, check)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=3), timedelta(days=10)])
def test_two_planners(late):
    """Also where they come late, and some of what they plan is overdue."""

    def make():
        world = World()
        Message.objects.exclude(kind="event").delete()
        return world, lambda: replan(world.cohort, PLANNED_AT + late), lambda: replan(world.cohort, PLANNED_AT + late)

    def check(world, first, second):
        rows = Message.objects.exclude(kind="event").count()
        assert rows > 0
        assert sorted([first, second]) == [0, rows]

    in_every_order(make, check)


def test_leaving_a_group_and_a_planner():
    """Whichever comes first, the next look has told who left, and them alone; and nobody is told again."""

    def make():
        world = WithGroup()
        return world, world.leave_group, world.plan

    def check(world, _left, _planned):
        assert not in_trouble().exists()
        for _look in range(2):
            world.plan()
            assert world.calendar_of(0, "meeting") == ["invitation", "group_left"]
            assert world.calendar_of(1, "meeting") == ["invitation"]
            assert world.sequence_of("meeting") == 1

    in_every_order(make, check)


def test_a_move_and_a_planner_that_takes_a_leavers_entries_away():
    """One holds the workshop and wants the cohort's turn, the other the turn and wants the workshop.

    Whoever moves it is asked to look again where the entry has got its new sequence first.
    """

    def make():
        world = WithGroup()
        world.withdraw()
        return world, lambda: is_done(world.move), world.plan

    def check(world, moved, _planned):
        assert not in_trouble().exists()
        for _look in range(2):
            world.plan()
            assert world.calendar_of(0, "workshop") == ["invitation", "cohort_left"]
            assert world.calendar_of(1, "workshop") == (["invitation", "moved"] if moved else ["invitation"])
            assert world.calendar_of(0, "meeting") == ["invitation", "cohort_left"]
            assert (world.sequence_of("workshop"), world.sequence_of("meeting")) == (2 if moved else 1, 1)

    in_every_order(make, check)


def test_a_withdrawal_and_a_planner_that_ends_a_pause():
    """One holds the enrolment and wants the cohort's turn, the other the turn and wants the enrolment."""

    def make():
        world = WithGroup()
        paused = {"state": "paused", "paused_from": PLANNED_AT.date(), "paused_to": PLANNED_AT.date()}
        Enrolment.objects.filter(pk=world.enrolments[0].pk).update(**paused)
        return world, world.withdraw, lambda: plan(NOW)

    def check(world, _withdrawn, _planned):
        assert not in_trouble().exists()
        plan(NOW)
        assert [Enrolment.objects.get(pk=one.pk).state for one in world.enrolments] == ["withdrawn", "active"]
        assert world.calendar_of(0, "workshop") == ["invitation", "cohort_left"]

    in_every_order(make, check)


def test_a_new_version_and_a_claim():
    number = iter(range(2, 1000))

    def make():
        world = World()
        kept = [prompt for prompt in programme().prompts if prompt.key != "p-sponsor-before"]
        changed = programme().model_copy(update={"prompts": tuple(kept), "number": f"1.{next(number)}"})
        world.version = publish(changed, note="", by=None, now=NOW)
        return world, world.apply_version, world.send

    def check(world, _applied, _sent):
        asked = Message.objects.filter(template="p-sponsor-before", is_follow_up=False)
        assert twice() == []
        assert not due_now().exclude(kind="event").exists()
        assert {one.state for one in asked} <= {"sent", "cancelled", "merged", "suppressed"}
        assert len(mail.outbox) == Message.objects.filter(sent_at=NOW, state="sent").count()

    in_every_order(make, check)
