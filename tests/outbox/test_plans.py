"""How PostgreSQL goes about the statements of the hot path, with much planned and little due (DELIVERY §§1, 5)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courseplatform.cohorts.models import Enrolment
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.gathering import gather
from courseplatform.outbox.sending.admission import admit
from courseplatform.outbox.sending.claiming import claim, release, settle
from courseplatform.outbox.sending.outages import coalesce
from courseplatform.outbox.sending.pulse import stamp_and_count
from courseplatform.outbox.sending.reaping import sweep
from tests.factories import EnrolmentFactory, MeetingFactory, MessageFactory, UserFactory, WorkshopFactory
from tests.insights.many_messages import add_messages
from worker import ticks

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="reads PostgreSQL's plans"),
]

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
A_FEW_PAGES = 60  # of eight kilobytes; the table has hundreds


@pytest.fixture
def much_is_planned():
    """3 000 messages for later, 500 that went, 30 that are due; and a server that knows it."""
    enrolment = EnrolmentFactory()
    due = MessageFactory.create_batch(30, enrolment=enrolment)
    usual = {field.attname: getattr(due[0], field.attname) for field in Message._meta.fields if field.attname != "id"}
    later = [{"due_at": TUESDAY + timedelta(days=1, minutes=n), "priority": n % 3} for n in range(3000)]
    gone = [{"state": "sent", "sent_at": TUESDAY} for _ in range(500)]
    rows = [Message(**usual | {"occurrence_key": f"a2:{n}:x:0"} | row) for n, row in enumerate(later + gone)]
    Message.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")
    return due


def statements(work, about):
    """What it asks of the table, in the order in which it does."""
    with CaptureQueriesContext(connection) as asked:
        work()
    return [query["sql"] for query in asked if re.search(about, query["sql"])]


def plan(statement):
    """As carried out, with the pages it touched; and undone."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT before")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {statement}")
        lines = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("ROLLBACK TO SAVEPOINT before")
    return lines


def pages(lines):
    return sum(int(count) for count in re.findall(r"shared hit=(\d+)", lines.split("Planning")[0])[:1])


def test_claiming_finds_what_is_due_by_its_index_and_takes_it_by_its_key(much_is_planned):
    [take] = statements(lambda: claim(TUESDAY, batch=20), r"SET state = 'claimed'")
    release_all()

    lines = plan(take)

    assert "Seq Scan" not in lines
    assert "Index Scan using messages_due" in lines
    assert re.search(r"(Index Scan using|Bitmap Index Scan on) outbox_message_pkey", lines)
    assert "FOR UPDATE SKIP LOCKED" in take
    assert "= ANY(ARRAY" in take


def release_all():
    Message.objects.filter(state="claimed").update(state="due", claim=None)


def test_settling_goes_by_the_key_and_never_asks_for_the_state(much_is_planned):
    lease = claim(TUESDAY, batch=20)
    ids = list(Message.objects.filter(claim=lease.claim).values_list("pk", flat=True))

    [update] = statements(lambda: settle(lease.claim, ids[:1], state="sent"), r"^UPDATE")

    lines = plan(update)
    assert "Seq Scan" not in lines
    assert "outbox_message_pkey" in lines
    assert '"state"' not in update.partition("WHERE")[2]


@pytest.mark.parametrize(
    ("work", "about"),
    [
        (lambda: claim(TUESDAY - timedelta(days=30)), r"UNION ALL"),
        (lambda: stamp_and_count(TUESDAY - timedelta(days=30), at_most=2000), r"RETURNING \(SELECT COUNT"),
        (lambda: sweep(TUESDAY - timedelta(days=30)), r"^UPDATE"),
        (lambda: release(claim(TUESDAY)), r"^UPDATE.*NULL"),
    ],
    ids=["look", "stamp and count", "sweep", "release"],
)
def test_what_every_tick_asks_touches_a_few_pages_however_much_is_planned(much_is_planned, work, about):
    ticks.dispatch_tick(TUESDAY - timedelta(days=30))  # makes the pulse
    found = statements(work, about)

    assert found
    for statement in found:
        lines = plan(statement)
        assert "Seq Scan on outbox_message" not in lines
        assert pages(lines) <= A_FEW_PAGES, lines


def test_thinning_out_looks_at_nothing_that_is_not_due_yet(much_is_planned):
    [look] = statements(lambda: coalesce(TUESDAY), r"^SELECT")

    assert re.search(r"Index Cond: .*priority = ANY .*due_at <=", plan(look))


def test_what_somebody_heard_of_an_event_is_found_by_their_enrolment(much_is_planned):
    first = much_is_planned[0]
    workshop = WorkshopFactory(cohort=first.enrolment.cohort)
    MessageFactory(enrolment=EnrolmentFactory(cohort=workshop.cohort), kind="event", priority=0, workshop=workshop)
    lease = claim(TUESDAY)

    [look] = statements(lambda: admit(lease, TUESDAY), r'^SELECT .*"starts_as_told"')

    lines = plan(look)
    assert "Seq Scan on outbox_message" not in lines
    assert pages(lines) <= A_FEW_PAGES, lines


def test_planning_a_cohort_reads_the_messages_of_its_people_and_no_others():
    message = MessageFactory()
    cohort, somebody = message.enrolment.cohort, UserFactory()
    add_messages(message, cohorts=40, each=30)
    Enrolment.objects.exclude(cohort=cohort).update(person=somebody)
    Message.objects.exclude(pk=message.pk).update(person=somebody)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE outbox_message")

    [statement] = statements(lambda: gather(cohort, TUESDAY), r'FROM "outbox_message"')

    assert "Seq Scan on outbox_message" not in plan(statement)


def test_an_idle_dispatch_asks_three_times_the_clock_included(much_is_planned, django_assert_num_queries):
    Message.objects.update(due_at=datetime(2090, 1, 1, tzinfo=UTC))
    ticks.dispatch_tick(ticks.now())

    with django_assert_num_queries(3):  # what time it is, the pulse, stamp and count
        assert ticks.dispatch_tick(ticks.now()) == 0


def test_a_messages_changes_find_room_beside_it_and_are_swept_early():
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'outbox_message'")
        [options] = cursor.fetchone()

    assert sorted(options) == ["autovacuum_vacuum_scale_factor=0.01", "fillfactor=70"]


@pytest.mark.parametrize(
    ("found_by", "index"),
    [
        ("enrolment", "message_once"),
        ("person", "messages_of_a_person"),
        ("workshop", "messages_of_a_workshop"),
        ("meeting", "messages_of_a_meeting"),
        ("merged_into", "messages_in_a_mail"),
    ],
)
def test_whatever_a_message_belongs_to_finds_it_by_an_index(much_is_planned, found_by, index):
    """Deleting one of those asks the same, for its foreign key."""
    enrolment, lead = EnrolmentFactory(), much_is_planned[0]
    events = {"workshop": WorkshopFactory(), "meeting": MeetingFactory()}
    one = MessageFactory(enrolment=enrolment, merged_into=lead, **events)

    [statement] = statements(lambda: list(Message.objects.filter(**{found_by: getattr(one, found_by)})), r"SELECT")

    lines = plan(statement)
    assert "Seq Scan on outbox_message" not in lines
    assert index in lines


def test_there_is_no_index_that_another_one_begins_with():
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'outbox_message'")
        found = {name for (name,) in cursor.fetchall()}

    named = {index.name for index in Message._meta.indexes} | {"message_once", "outbox_message_pkey"}
    assert found == named
