"""New messages at once: every column as the model would have it, whatever the values, and never a second one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.inserting import Addressee, Mailing, insert
from tests.factories import EnrolmentFactory, WorkshopFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 19, 6, 0, 0, 123456, tzinfo=UTC)
ODD = 'a2:"x"\\n\n:æøå 🙂 %s {}:0'
GIVEN_BY_ROW = ("id", "created_at", "updated_at")


@pytest.fixture
def enrolment():
    return EnrolmentFactory()


def fields(number=0, **more):
    usual = {
        "kind": "prompt", "template": "p-a2-tuesday", "occurrence_key": f"{ODD}{number}", "channel": "email",
        "is_follow_up": False, "priority": 2, "workshop_id": None, "meeting_id": None, "template_version": "0" * 64,
        "local_at": NOW, "tzid": "Europe/Berlin", "due_at": NOW + timedelta(seconds=number),
        "expires_at": NOW + timedelta(days=14), "state": "due", "reason": "", "latest": NOW + timedelta(hours=1),
    }  # fmt: skip
    return usual | more


def to(enrolment, **later):
    return Addressee(enrolment.pk, enrolment.person_id, timedelta(**later))


def values(message):
    return {one.attname: getattr(message, one.attname) for one in Message._meta.concrete_fields}


def test_every_column_is_what_the_model_would_have_written(enrolment):
    about = {"workshop_id": WorkshopFactory(cohort=enrolment.cohort).pk, "is_follow_up": True, "priority": 1}
    rows = [fields(), fields(1, **about), fields(2, state="suppressed", reason="cap")]

    assert insert([Mailing(rows, [to(enrolment)])], NOW) == 3

    for row in rows:
        [found] = Message.objects.filter(occurrence_key=row["occurrence_key"])
        columns = {name: value for name, value in row.items() if name != "latest"}
        expected = values(Message(enrolment=enrolment, person=enrolment.person, **columns))
        assert {name: value for name, value in values(found).items() if name not in GIVEN_BY_ROW} == {
            name: value for name, value in expected.items() if name not in GIVEN_BY_ROW
        }
    assert len(set(Message.objects.values_list("pk", flat=True))) == 3


def test_each_gets_their_own_a_little_later_and_nobody_after_the_latest(enrolment):
    others = EnrolmentFactory.create_batch(2, cohort=enrolment.cohort)
    late, last = others
    stray = fields(3, latest=NOW + timedelta(seconds=3))

    assert insert([Mailing([fields(), fields(1)], [to(enrolment), to(late, minutes=9)]),
                   Mailing([stray], [to(last, hours=2)])], NOW) == 5  # fmt: skip

    found = Message.objects.order_by("due_at").values_list("enrolment", "person", "occurrence_key", "due_at")
    assert list(found) == [
        (one.pk, one.person_id, f"{ODD}{number}", NOW + timedelta(minutes=minutes, seconds=number))
        for one, number, minutes in [(enrolment, 0, 0), (enrolment, 1, 0), (last, 3, 0), (late, 0, 9), (late, 1, 9)]
    ]


def test_nothing_to_write_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert([], NOW) == 0


def test_what_stands_already_is_left_alone(enrolment):
    insert([Mailing([fields()], [to(enrolment)])], NOW)
    Message.objects.update(state="sent")

    insert([Mailing([fields(), fields(1)], [to(enrolment)])], NOW)

    assert sorted(Message.objects.values_list("state", flat=True)) == ["due", "sent"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="elsewhere Django writes the rows")
def test_one_statement_takes_many_and_says_how_many_were_new(enrolment, django_assert_num_queries):
    insert([Mailing([fields()], [to(enrolment)])], NOW)

    with django_assert_num_queries(1):
        assert insert([Mailing([fields(number) for number in range(30)], [to(enrolment)])], NOW) == 29
    assert set(Message.objects.values_list("created_at", "updated_at")) == {(NOW, NOW)}
