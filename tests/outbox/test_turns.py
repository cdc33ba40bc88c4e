"""Cost follows what is due: who is looked at, when, and that no change that matters is overlooked (DELIVERY §§1, 8)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courseplatform.cohorts.announcements import ALWAYS_LEFT_OUT, DECIDES, LEFT_OUT
from courseplatform.cohorts.models import CalendarPolicy, Cohort, Enrolment, GroupMeeting, GroupMembership, Workshop
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Message, PlanningRequest, PlanningTurn
from courseplatform.outbox.planning import turns
from courseplatform.outbox.planning.planner import plan, touch
from courseplatform.outbox.sending.pacing import calendar_of
from courseplatform.people.announcements import Announcing
from courseplatform.people.models import Municipality, NotificationPreference, User
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    WorkshopFactory,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)
W1 = datetime(2026, 9, 9, 6, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def cohort():
    """A participant with a line manager, in a group with a meeting; two workshops."""
    cohort = CohortFactory()
    CalendarPolicyFactory(municipality=cohort.municipality)
    for key, starts_at in (("w1", W1), ("w2", W1 + 49 * A_DAY)):
        WorkshopFactory(cohort=cohort, key=key, starts_at=starts_at, ends_at=starts_at + timedelta(hours=7))
    person = UserFactory(line_manager=UserFactory())
    NotificationPreference.objects.create(person=person)
    NotificationPreference.objects.create(person=person.line_manager)
    group = GroupFactory(cohort=cohort)
    MembershipFactory(group=group, enrolment=EnrolmentFactory(cohort=cohort, person=person))
    MeetingFactory(group=group)
    PlanningRequest.objects.all().delete()
    return cohort


def asked():
    """The cohorts that somebody has asked to look at, and forget it."""
    found = set(PlanningRequest.objects.values_list("cohort_id", flat=True))
    PlanningRequest.objects.all().delete()
    return found


def queries(action):
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


# --- No change is overlooked -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", DECIDES, ids=lambda model: model.__name__)
def test_every_field_is_known_to_matter_or_not(model):
    named = {*DECIDES[model], *LEFT_OUT.get(model, ()), *ALWAYS_LEFT_OUT}
    assert {field.name for field in model._meta.concrete_fields} - named == set()
    assert DECIDES[model] & LEFT_OUT.get(model, frozenset()) == set()


def test_every_model_that_planning_reads_is_watched():
    read = {model for room in ("people", "cohorts") for model in apps.get_app_config(room).get_models()}
    not_read = {
        "AuditEvent", "PersonKey", "RoleAssignment", "OrgUnit", "LearningGroup", "LessonProgress", "Attendance",
        "AttendanceNote", "CheckIn", "Material", "WorkshopLook", "Tombstone",
        "Substitution",  # each step of a seat gives its workshop the next sequence, which is watched
    }  # fmt: skip
    assert {model.__name__ for model in read} - not_read - {"DataRequest"} == {model.__name__ for model in DECIDES}


@pytest.mark.parametrize("model", DECIDES, ids=lambda model: model.__name__)
def test_each_field_that_matters_asks_for_a_look_however_it_is_written(cohort, model):
    CohortFactory(name="Et andet hold", municipality__name="Nabo Kommune")
    asked()
    assert isinstance(model._default_manager.all(), Announcing)
    rows = here(model, cohort)
    for field in sorted(DECIDES[model]):
        row = rows.first()
        rows.filter(pk=row.pk).update(**{field: getattr(row, field)})
        assert asked() == {cohort.pk}, field
        row.save(update_fields=[field])
        assert asked() == {cohort.pk}, field
        rows.bulk_update([row], [field])
        assert asked() == {cohort.pk}, field


def here(model, cohort):
    """The cohort's own rows of that model."""
    people = [person for one in cohort.enrolments.all() for person in (one.person, one.person.line_manager)]
    own = {
        Cohort: {"pk": cohort.pk},
        GroupMembership: {"group__cohort": cohort},
        GroupMeeting: {"group__cohort": cohort},
        CalendarPolicy: {"municipality": cohort.municipality},
        Municipality: {"pk": cohort.municipality_id},
        User: {"pk__in": [one.pk for one in people]},
        NotificationPreference: {"person__in": people},
    }
    return model._default_manager.filter(**own.get(model, {"cohort": cohort}))


@pytest.mark.parametrize("model", LEFT_OUT, ids=lambda model: model.__name__)
def test_what_does_not_matter_asks_for_nothing(cohort, model):
    for field in sorted(LEFT_OUT[model]):
        row = model._default_manager.first()
        model._default_manager.filter(pk=row.pk).update(**{field: getattr(row, field)})
        row.save(update_fields=[field])
    assert asked() == set()


def test_a_line_managers_wishes_concern_those_who_report_to_them(cohort):
    manager = cohort.enrolments.get().person.line_manager
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert asked() == {cohort.pk}
    NotificationPreference.objects.filter(person=manager).update(digest="weekly")
    assert asked() == {cohort.pk}


def test_what_is_made_or_deleted_asks_too(cohort):
    membership = GroupMembership.objects.get()
    membership.delete()
    assert asked() == {cohort.pk}
    Workshop.objects.bulk_create([WorkshopFactory.build(cohort=cohort, key="w3")])
    assert asked() == {cohort.pk}
    Workshop.objects.all().delete()
    assert asked() == {cohort.pk}
    UserFactory()
    assert asked() == set()


def slot(day, place="Rådhuset"):
    return Slot(W1 + day * A_DAY, W1 + day * A_DAY + timedelta(hours=6), place, "")


def test_every_transition_asks_for_a_look(cohort):
    enrolment, (w1, w2) = cohort.enrolments.get(), cohort.workshops.order_by("starts_at")
    meeting, calendar = GroupMeeting.objects.get(), calendar_of(cohort)
    other = CohortFactory(name="Et andet hold", municipality=cohort.municipality)
    newcomer = enrolments.invite(cohort, UserFactory(), by=None, now=MONDAY)
    steps = [
        lambda: enrolments.accept(newcomer, now=MONDAY),
        lambda: groups.join(meeting.group, newcomer, by=None, now=MONDAY),
        lambda: groups.leave(newcomer.group_memberships.get(), now=MONDAY),
        lambda: enrolments.pause(enrolment, until=date(2026, 9, 4), now=MONDAY),
        lambda: enrolments.resume(enrolment, now=MONDAY),
        lambda: enrolments.transfer(enrolment, other, reason="nyt job", by=None, now=MONDAY),
        lambda: enrolments.withdraw(newcomer, reason="travlt", now=MONDAY),
        lambda: workshops.move(w1, slot(1), calendar=calendar, now=MONDAY),
        lambda: workshops.cancel(w2, reason="sne", now=MONDAY),
        lambda: meetings.schedule(meeting, slot(20), now=MONDAY),
        lambda: meetings.move(meeting, slot(21), calendar=calendar, now=MONDAY),
        lambda: meetings.cancel(meeting, reason="sne", now=MONDAY),
        lambda: cohorts.complete(cohort, now=MONDAY),
        lambda: cohorts.archive(cohort, now=MONDAY),
    ]
    asked()
    for number, step in enumerate(steps):
        step()
        assert cohort.pk in asked(), number


def test_a_change_that_is_taken_back_asks_for_nothing(cohort):
    with transaction.atomic():
        Workshop.objects.update(place="Biblioteket")
        transaction.set_rollback(True)
    assert asked() == set()


# --- Whose turn it is ------------------------------------------------------------------------------------------------
def turn(cohort):
    return PlanningTurn.objects.get(pk=cohort.pk)


def test_nothing_is_looked_at_again_before_something_comes_near(cohort):
    touch([cohort.pk])
    assert plan(MONDAY) > 0
    near = turn(cohort).plan_at
    assert MONDAY < near <= MONDAY + A_DAY
    assert turns.due(near - timedelta(seconds=1), most=5) == []
    assert turns.due(near, most=5) == [cohort.pk]


def test_an_idle_pass_asks_the_database_once_however_many_cohorts_there_are(cohort):
    for number in range(12):
        CohortFactory(name=f"Hold {number}", municipality=cohort.municipality)
    plan(MONDAY)
    assert queries(lambda: plan(MONDAY + timedelta(minutes=1))) == 1


def test_each_cohort_is_looked_at_once_a_day_whatever_was_overlooked(cohort):
    touch([cohort.pk])
    plan(MONDAY)
    Message.objects.filter(state="due", template="p-w1-prepare").delete()
    for hours in range(1, 25):
        plan(MONDAY + timedelta(hours=hours))
    assert Message.objects.filter(template="p-w1-prepare", state="due").count() == 1


def test_a_row_is_there_a_week_before_it_is_due(cohort):
    """Passes every half hour see each message for the first time within half an hour of its entering the horizon."""
    touch([cohort.pk])
    plan(MONDAY)
    known = set(Message.objects.values_list("pk", flat=True))
    ahead = []
    for minutes in range(30, 8 * 24 * 60, 30):
        now = MONDAY + timedelta(minutes=minutes)
        plan(now)
        new = Message.objects.filter(state="due", channel="email", is_follow_up=False).exclude(pk__in=known)
        known |= {message.pk for message in new}
        ahead += [message.due_at - now for message in new]
    assert len(ahead) >= 3
    assert min(ahead) > timedelta(days=7) - timedelta(minutes=30)


def test_a_pause_that_ends_brings_its_cohort_back_that_morning(cohort):
    enrolment = cohort.enrolments.get()
    enrolments.pause(enrolment, until=date(2026, 8, 31), now=MONDAY)
    for hour in range(4, 22):
        plan(datetime(2026, 8, 31, hour, tzinfo=UTC))
    assert turn(cohort).plan_at == datetime(2026, 8, 31, 22, tzinfo=UTC)
    plan(datetime(2026, 8, 31, 22, tzinfo=UTC))
    enrolment.refresh_from_db()
    assert enrolment.state == Enrolment.State.ACTIVE


def test_a_cohort_starts_at_its_own_minute(cohort):
    Cohort.objects.update(state=Cohort.State.ENROLLING, capacity_min=1)
    Enrolment.objects.update(state=Enrolment.State.ACCEPTED, activated_at=None)
    plan(MONDAY - timedelta(hours=2))
    assert turn(cohort).plan_at <= MONDAY
    plan(MONDAY)
    cohort.refresh_from_db()
    assert cohort.state == Cohort.State.RUNNING


# --- Trouble ---------------------------------------------------------------------------------------------------------
def test_a_cohort_that_cannot_be_planned_stops_no_other_and_does_not_spin(cohort):
    broken = CohortFactory(name="Et hold uden kalender", municipality__name="Nabo Kommune")
    CalendarPolicyFactory(municipality=broken.municipality, send_window={})
    EnrolmentFactory(cohort=broken)
    touch([broken.pk, cohort.pk])
    assert plan(MONDAY) > 0
    assert (turn(broken).failures, turn(broken).trouble) == (1, "ValueError")
    assert turns.due(MONDAY + timedelta(minutes=9), most=5) == []
    plan(MONDAY + timedelta(minutes=10))
    assert (turn(broken).failures, turn(broken).plan_at) == (2, MONDAY + timedelta(minutes=30))


def test_an_operator_sees_which_cohort_and_what_kind_of_error(cohort, client):
    cohort.municipality.calendar_policy.send_window = {}
    cohort.municipality.calendar_policy.save()
    plan(MONDAY)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    page = client.get(reverse("delivery")).content.decode()
    assert f"{cohort} <code>{cohort.pk}</code>: ValueError" in page
    assert "delivery_unplannable_now 1.0" in client.get(reverse("metrics")).content.decode()


def test_trouble_that_is_mended_is_forgotten(cohort):
    municipality = cohort.municipality
    usual = municipality.calendar_policy.send_window
    municipality.calendar_policy.send_window = {}
    municipality.calendar_policy.save()
    plan(MONDAY)
    assert turn(cohort).failures == 1
    municipality.calendar_policy.send_window = usual
    municipality.calendar_policy.save()
    assert plan(MONDAY + timedelta(minutes=1)) > 0
    assert (turn(cohort).failures, turn(cohort).trouble) == (0, "")


def test_a_change_while_the_cohort_is_planned_is_looked_at_next_time(cohort):
    """What was asked before is done; what is asked in between is not taken for done."""
    touch([cohort.pk])
    seen = turns.requests(cohort.pk)
    touch([cohort.pk])
    turns.finish(cohort.pk, MONDAY + A_DAY, MONDAY, asked=seen)
    assert turns.due(MONDAY, most=5) == [cohort.pk]


def test_a_deleted_cohort_leaves_no_request_behind(cohort):
    gone = CohortFactory(name="Et kort hold", municipality=cohort.municipality)
    gone.delete()
    plan(MONDAY)
    assert asked() == set()


# --- Cohorts that share people ---------------------------------------------------------------------------------------
def test_a_change_on_one_cohort_is_seen_by_the_others_of_its_people(cohort):
    person = cohort.enrolments.get().person
    other = CohortFactory(name="Et andet hold", municipality=cohort.municipality)
    EnrolmentFactory(cohort=other, person=person)
    plan(MONDAY)
    plan(MONDAY)
    asked()
    Workshop.objects.filter(cohort=cohort, key="w1").update(
        starts_at=W1 + A_DAY, ends_at=W1 + A_DAY + timedelta(hours=6)
    )
    plan(MONDAY)
    assert asked() == {other.pk}
    plan(MONDAY)
    plan(MONDAY)
    assert asked() == set()
