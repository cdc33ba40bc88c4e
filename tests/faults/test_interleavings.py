"""Two sessions on PostgreSQL, statement by statement, in every order of their parts (DELIVERY §12 S2).

SQLite has one writer, so there is nothing to interleave. Locks are taken event → enrolment → message by id.
"""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from math import ceil
from threading import Condition, Thread

import pytest
from django.core import mail
from django.db import connection, transaction

from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Enrolment
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.planning.invitations import plan_invitations
from courseplatform.outbox.planning.planner import plan_enrolment, replan
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.claiming import claim, settle
from courseplatform.outbox.sending.reaping import reap
from courseplatform.outbox.writing.event_templates import MOVED
from lessons.versions import publish
from tests.demo_programme import programme
from tests.factories import CalendarPolicyFactory, CohortFactory, EnrolmentFactory, WorkshopFactory
from tests.faults.counts import IS_FULL

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="one writer at a time: nothing to interleave"),
]
PARTS = 3 if IS_FULL else 2  # of each session
BLOCKED = 0.15  # seconds after which a session is taken to wait for a lock
PLANNED_AT = datetime(2026, 8, 31, 4, tzinfo=UTC)
NOW = datetime(2026, 9, 1, 6, 31, tzinfo=UTC)  # a Tuesday morning: p-sponsor-before is due
ALL = 10**6


# --- Two sessions ----------------------------------------------------------------------------------------------------
class Session(Thread):
    """Work on a connection of its own that waits for a permit before each statement."""

    def __init__(self, work, turn):
        super().__init__(daemon=True)
        self.work, self.turn = work, turn
        self.permits = self.statements = 0
        self.waits = self.is_done = False
        self.result = self.error = None

    def run(self):
        try:
            with connection.execute_wrapper(self.gate):
                self.result = self.work()
        except Exception as error:  # noqa: BLE001 - reported by the test, from the main thread
            self.error = error
        finally:
            connection.close()
            with self.turn:
                self.is_done = True
                self.turn.notify_all()

    def gate(self, execute, sql, params, many, context):
        with self.turn:
            self.waits = True
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.permits > 0)
            self.waits = False
            self.permits -= 1
            self.statements += 1
        return execute(sql, params, many, context)

    def go_on(self, statements):
        """Returns when it has run them, is done, or hangs on a lock."""
        with self.turn:
            self.permits += statements
            self.turn.notify_all()
            self.turn.wait_for(lambda: self.is_done or (self.waits and not self.permits), timeout=BLOCKED)


def together(first, second, order, sizes):
    """Runs both, part by part in that order, and the rest freely; their results."""
    turn = Condition()
    sessions = [Session(first, turn), Session(second, turn)]
    for session in sessions:
        session.start()
    for number in order:
        sessions[number].go_on(sizes[number])
    for session in sessions:
        session.go_on(ALL)
    for session in sessions:
        session.join(timeout=20)
        assert not session.is_alive(), "they wait for each other"
        if session.error:
            raise session.error
    return sessions[0].result, sessions[1].result


def alone(work):
    """How many statements it takes by itself."""
    session = Session(work, Condition())
    session.start()
    session.go_on(ALL)
    session.join(timeout=20)
    return session.statements


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
