"""A country changes its clocks: what waits keeps its wall time, and nothing else moves."""

from datetime import UTC, datetime, timedelta

import pytest

from courseplatform.outbox.models import Message, PlanningRequest, Pulse
from courseplatform.outbox.planning import zone_rules
from courseplatform.outbox.planning.planner import plan
from tests.factories import CalendarPolicyFactory, EnrolmentFactory, MessageFactory

pytestmark = pytest.mark.django_db
DUE = datetime(2026, 10, 27, 7, 30, tzinfo=UTC)  # 08:30 in Copenhagen, as MessageFactory has it
HOUR = timedelta(hours=1)


@pytest.fixture
def pulse():
    return Pulse.objects.create(pk=1, zone_rules="2020a")


def due_after(pulse, **fields):
    message = MessageFactory(**fields)
    zone_rules.follow(pulse)
    message.refresh_from_db()
    return message.due_at


@pytest.mark.parametrize("off", [-HOUR, HOUR, HOUR / 2])
def test_what_was_planned_by_other_rules_goes_at_its_own_wall_time(pulse, off):
    assert due_after(pulse, due_at=DUE + off) == DUE


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": DUE},
        {"due_at": DUE + HOUR, "tries": 1},
        {"due_at": DUE + HOUR, "crashes": 1},
        {"due_at": DUE + HOUR, "state": "sent"},
        {"due_at": DUE + HOUR, "state": "claimed"},
        {"due_at": DUE + timedelta(minutes=47)},
        {"due_at": DUE + timedelta(days=1)},
    ],
)
def test_what_has_its_own_time_keeps_it(pulse, fields):
    assert due_after(pulse, **fields) == fields["due_at"]


def test_everybody_is_planned_again_once(pulse, django_assert_num_queries):
    cohort = EnrolmentFactory().cohort
    PlanningRequest.objects.all().delete()
    zone_rules.follow(pulse)
    assert PlanningRequest.objects.get().cohort_id == cohort.pk
    with django_assert_num_queries(0):
        zone_rules.follow(Pulse(zone_rules=zone_rules.INSTALLED))


def test_many_are_moved_in_batches(pulse, monkeypatch):
    enrolment = EnrolmentFactory()
    MessageFactory.create_batch(7, enrolment=enrolment, due_at=DUE + HOUR)
    monkeypatch.setattr(zone_rules, "BATCH", 3)
    assert zone_rules.follow(pulse) == 7
    assert set(Message.objects.values_list("due_at", flat=True)) == {DUE}


def test_planning_goes_on_from_the_new_instants(pulse, settings):
    settings.SEND_SPREAD = 1200
    enrolment = EnrolmentFactory()
    CalendarPolicyFactory(municipality=enrolment.cohort.municipality)
    monday = datetime(2026, 10, 19, 4, tzinfo=UTC)
    plan(monday)
    before = dict(Message.objects.filter(state="due").values_list("pk", "due_at"))
    assert before
    for message in Message.objects.filter(state="due"):
        Message.objects.filter(pk=message.pk).update(due_at=message.due_at - HOUR)
    assert zone_rules.follow(pulse) == len(before)
    plan(monday)
    assert dict(Message.objects.filter(state="due").values_list("pk", "due_at")) == before
