"""What planning has called off comes back under its own key, once the rules ask for it again and its time is ahead."""

from datetime import UTC, date, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Cohort
from courseplatform.cohorts.transitions import group as groups
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.sending.batches import send_due
from courseplatform.people.models import NotificationPreference, User
from lessons.versions import digest_of
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    UserFactory,
    VersionFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db
State = Message.State
MONDAY = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)
W1 = datetime(2026, 9, 9, 6, 30, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def cohort():
    cohort = CohortFactory()
    CalendarPolicyFactory(municipality=cohort.municipality)
    WorkshopFactory(cohort=cohort, key="w1", starts_at=W1, ends_at=W1 + timedelta(hours=7))
    return cohort


@pytest.fixture
def manager(cohort):
    return EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=UserFactory()))


def row(template):
    return Message.objects.get(template=template, is_follow_up=False)


def what_came_of(template):
    one = row(template)
    return one.state, one.reason


def test_a_successor_gets_what_waited_for_the_line_manager_who_left(manager):
    plan(MONDAY)
    User.objects.filter(pk=manager.person.line_manager_id).update(is_active=False)
    plan(MONDAY)
    assert what_came_of("p-sponsor-before.sponsor") == ("cancelled", "no_line_manager")
    successor = UserFactory()
    User.objects.filter(pk=manager.person_id).update(line_manager=successor)
    plan(MONDAY + A_MINUTE)
    assert what_came_of("p-sponsor-before.sponsor") == ("due", "")
    assert row("p-sponsor-before.sponsor").person == successor


def deactivate(manager, *, is_active):
    User.objects.filter(pk=manager.person_id).update(is_active=is_active)


def test_who_was_deactivated_by_mistake_gets_everything_again(manager):
    plan(MONDAY)
    before = list(Message.objects.filter(channel="email").order_by("pk").values())
    deactivate(manager, is_active=False)
    plan(MONDAY)
    assert what_came_of("p-w1-prepare") == ("cancelled", "left")
    deactivate(manager, is_active=True)
    plan(MONDAY + A_MINUTE)
    assert list(Message.objects.filter(channel="email").order_by("pk").values()) == before


def test_a_version_that_is_taken_back_gives_its_question_back(manager, programme):
    plan(MONDAY)
    first = manager.cohort.programme_version
    kept = tuple(prompt for prompt in programme.prompts if prompt.key != "p-w1-prepare")
    newer = programme.model_copy(update={"prompts": kept})
    version = VersionFactory(number="1.1", snapshot=newer.model_dump(mode="json"), digest=digest_of(newer))
    Cohort.objects.update(programme_version=version)
    plan(MONDAY)
    assert what_came_of("p-w1-prepare") == ("cancelled", "replaced")
    Cohort.objects.update(programme_version=first)
    plan(MONDAY + A_MINUTE)
    assert what_came_of("p-w1-prepare") == ("due", "")


def test_who_comes_back_to_the_group_is_reminded_of_its_meeting(cohort, manager):
    starts_at, now = datetime(2026, 9, 30, 7, tzinfo=UTC), datetime(2026, 9, 21, 8, tzinfo=UTC)
    group, other = GroupFactory(cohort=cohort), GroupFactory(cohort=cohort)
    groups.join(group, manager, by=None, now=now)
    MeetingFactory(group=group, state="scheduled", starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))
    plan(now)
    groups.change_group(manager, other, by=None, now=now)
    plan(now)
    assert what_came_of("p-group-prep") == ("cancelled", "replaced")
    groups.change_group(manager, group, by=None, now=now)
    plan(now + A_MINUTE)
    assert what_came_of("p-group-prep") == ("due", "")


@pytest.mark.parametrize(
    ("reason", "wish", "undone"),
    [
        ("paused", {"pause_until": date(2026, 9, 30)}, {"pause_until": None}),
        ("muted", {"muted_classes": ["prompt"]}, {"muted_classes": []}),
    ],
)
def test_what_was_postponed_has_its_place_again_when_a_wish_is_undone(manager, reason, wish, undone):
    saturday = datetime(2026, 9, 12, 8, tzinfo=UTC)
    for day in range(11):  # a reminder that goes on Wednesday leaves no room on the Friday
        plan(MONDAY + timedelta(days=day))
        send_due(MONDAY + timedelta(days=day, hours=3))
    postponed = row("p-w1-after")
    assert postponed.due_at == datetime(2026, 9, 14, 6, 30, tzinfo=UTC)  # its own day was the Friday before
    NotificationPreference.objects.create(person=manager.person, **wish)
    plan(saturday)
    assert what_came_of("p-w1-after") == ("suppressed", reason)
    NotificationPreference.objects.update(**undone)
    plan(saturday + A_MINUTE)
    assert what_came_of("p-w1-after") == ("due", "")
    assert row("p-w1-after").due_at == postponed.due_at


# --- What stays off --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "left", "maybe_sent": True},  # a sender was killed with it
        {"reason": "left", "sent_at": MONDAY},
        {"reason": "cancelled"},  # by a person
        {"state": State.SUPPRESSED, "reason": "paused", "maybe_sent": True},
        {"state": State.SUPPRESSED, "reason": "restored"},
    ],
)
def test_what_may_have_gone_or_was_called_off_by_hand_stays_as_it_is(manager, fields):
    plan(MONDAY)
    Message.objects.filter(template="p-w1-prepare").update(**{"state": State.CANCELLED, **fields})
    before = row("p-w1-prepare")
    plan(MONDAY + A_MINUTE)
    assert what_came_of("p-w1-prepare") == (before.state, before.reason)


def test_whose_time_has_passed_meanwhile_gets_nothing_late(manager):
    plan(MONDAY)
    deactivate(manager, is_active=False)
    plan(MONDAY)
    deactivate(manager, is_active=True)
    plan(row("p-w1-prepare").due_at + A_MINUTE)
    assert what_came_of("p-w1-prepare") == ("cancelled", "left")
