"""Another version for a cohort that stands: only what HR has seen, nothing planned vanishes (MODEL I1)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from courseplatform.cohorts.calendar.dates import dates_of
from courseplatform.cohorts.models import Cohort, GroupMeeting, LessonProgress, Workshop
from courseplatform.cohorts.transitions.version import apply_version, days_if_applied
from courseplatform.people.models import AuditEvent
from courseplatform.people.refusals import Refusal
from lessons.versions import knowing, programme
from tests.factories import CohortFactory, EnrolmentFactory, GroupFactory, MeetingFactory, WorkshopFactory
from tests.versions import published_without, with_one_more

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english():
    """Sentences are compared in the language they are written in."""
    with translation.override("en"):
        yield


@pytest.fixture
def cohort():
    return CohortFactory()


def give(cohort, version, **page):
    seen, by = cohort.programme_version.digest, cohort.owner_hr
    page = {"seen": seen, "newest": version.digest} | page
    apply_version(cohort, version, by=by, now=TUESDAY, **page)


def test_the_cohort_follows_the_new_version_and_it_is_written_down_who_did_it(cohort):
    version = published_without("lessons", "a1-1")

    give(cohort, version)

    cohort.refresh_from_db()
    assert cohort.programme_version == version
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.object_id) == (cohort.owner_hr, "apply_version", str(cohort.pk))
    assert event.purpose == "1.0 → 1.1"


def test_a_page_from_before_a_newer_version_changes_nothing(cohort):
    version = published_without("lessons", "a1-1")
    published_without("lessons", "a1-2", number="1.2")

    with pytest.raises(Refusal, match="newer version"):
        give(cohort, version)

    cohort.refresh_from_db()
    assert cohort.programme_version.number == "1.0"


def test_a_page_from_before_another_application_changes_nothing(cohort):
    first = cohort.programme_version
    version = published_without("lessons", "a1-1")
    give(cohort, version)

    with pytest.raises(Refusal, match="has changed"):
        give(cohort, version, seen=first.digest)

    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("state", ["draft", "completed", "archived", "cancelled"])
def test_a_cohort_that_is_not_under_way_keeps_its_version(cohort, state):
    version = published_without("lessons", "a1-1")
    Cohort.objects.update(state=state)

    with pytest.raises(Refusal):
        give(cohort, version)

    cohort.refresh_from_db()
    assert cohort.programme_version.number == "1.0"


def test_the_earlier_version_is_applied_the_same_way(cohort):
    first = cohort.programme_version
    version = published_without("lessons", "a1-1")
    give(cohort, version)

    give(cohort, first, newest=version.digest)

    assert cohort.programme_version == first
    assert [event.purpose for event in AuditEvent.objects.order_by("pk")] == ["1.0 → 1.1", "1.1 → 1.0"]


def test_a_planned_workshop_that_the_version_leaves_out_is_in_the_way(cohort):
    WorkshopFactory(cohort=cohort, key="w2")
    version = published_without("workshops", "w2")

    with pytest.raises(Refusal, match="Cancel them first"):
        give(cohort, version)

    cohort.refresh_from_db()
    assert cohort.programme_version.number == "1.0"
    assert [event.key for event in days_if_applied(cohort, version, TUESDAY).in_the_way] == ["w2"]


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_a_workshop_that_is_over_stays_but_is_no_date_of_the_programme(cohort, state):
    workshop = WorkshopFactory(cohort=cohort, key="w2", state=state)

    give(cohort, published_without("workshops", "w2"))

    assert Workshop.objects.get(pk=workshop.pk).state == state
    assert "w2" not in [event.key for event in dates_of(cohort).workshops]


def test_a_groups_planned_meeting_is_in_the_way_until_it_is_over(cohort):
    group = GroupFactory(cohort=cohort)
    hours = {"starts_at": TUESDAY, "ends_at": TUESDAY + timedelta(hours=3)}
    meeting = MeetingFactory(group=group, key="g2", state="scheduled", **hours)
    version = published_without("group_meetings", "g2")

    assert days_if_applied(cohort, version, TUESDAY).in_the_way == (meeting,)
    assert days_if_applied(cohort, version, TUESDAY + timedelta(hours=3)).in_the_way == ()


def test_a_meeting_without_a_day_goes_with_the_version_and_comes_back_with_it(cohort):
    first, group = cohort.programme_version, GroupFactory(cohort=cohort)
    for meeting in programme(first.digest).group_meetings:
        MeetingFactory(group=group, key=meeting.key)
    version = published_without("group_meetings", "g2")

    give(cohort, version)
    assert not GroupMeeting.objects.filter(key="g2").exists()

    give(cohort, first, newest=version.digest)
    assert GroupMeeting.objects.get(key="g2").state == "proposed"


def test_a_new_workshop_comes_as_a_draft_that_has_no_day_for_anybody(cohort):
    for workshop in programme(cohort.programme_version.digest).workshops:
        WorkshopFactory(cohort=cohort, key=workshop.key)

    give(cohort, with_one_more("workshops", "w2", key="w9", week=30))

    drafted = Workshop.objects.get(key="w9")
    assert (drafted.state, drafted.starts_at.date().isoformat()) == ("draft", "2027-03-31")
    assert next(one.starts_at for one in dates_of(cohort).workshops if one.key == "w9") is None


def test_every_group_that_meets_gets_a_new_meeting_without_a_day(cohort):
    open_group, _closed = GroupFactory(cohort=cohort), GroupFactory(cohort=cohort, state="closed")
    for meeting in programme(cohort.programme_version.digest).group_meetings:
        MeetingFactory(group=open_group, key=meeting.key)

    give(cohort, with_one_more("group_meetings", "g2", key="g9"))

    assert list(GroupMeeting.objects.filter(key="g9").values_list("group", "state")) == [(open_group.pk, "proposed")]


def test_a_lesson_that_somebody_has_read_stays_readable_for_them(client, cohort):
    reader, other = EnrolmentFactory(cohort=cohort), EnrolmentFactory(cohort=cohort)
    LessonProgress.objects.create(enrolment=reader, lesson_key="a1-1", state="done", completed_at=TUESDAY)
    give(cohort, published_without("lessons", "a1-1"))

    for enrolment, status in ((reader, 200), (other, 404)):
        client.force_login(enrolment.person)
        assert client.get(f"/forloeb/{cohort.pk}/a1-1/").status_code == status


def test_what_no_version_has_ever_had_is_known_by_none(cohort):
    with pytest.raises(KeyError):
        knowing(programme(cohort.programme_version.digest), "lessons", "a9-9")
