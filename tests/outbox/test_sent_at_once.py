"""One statement for a mail that went does just what the steps do, and costs one round trip (DELIVERY §5)."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from courseplatform.outbox.models import Message, WeeklyCount
from courseplatform.outbox.sending import settling
from courseplatform.outbox.sending.admission import Group
from courseplatform.outbox.sending.claiming import claim
from courseplatform.outbox.sending.settling import LeaseLost, write_down
from tests.factories import EnrolmentFactory, MessageFactory

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no statement that changes two tables"),
]
TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
SENT = {"state": Message.State.SENT, "sent_at": TUESDAY, "reply_code": 250, "reason": ""}
WAYS = [settling._write_down, settling._step_by_step]


def a_group(**fields):
    """Two messages of one person in one mail."""
    enrolment = EnrolmentFactory()
    lead, other = (MessageFactory(enrolment=enrolment, **fields) for _ in range(2))
    return Group(lead, [other])


def what_stands():
    rows = [(row.state, row.sent_at, row.reply_code, row.reason, row.claim, row.claim_pos, bool(row.merged_into_id))
            for row in Message.objects.order_by("occurrence_key")]  # fmt: skip
    return rows, list(WeeklyCount.objects.values_list("iso_year", "iso_week", "mails", "last_at"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["prompt", "event"])
def test_both_ways_write_the_same(way, kind):
    group = a_group(kind=kind)
    assert way(claim(TUESDAY), group, TUESDAY, SENT) == "sent"

    gone = [
        ("sent", TUESDAY, 250, "", None, None, False),
        ("merged", TUESDAY, None, "", None, None, True),
    ]
    assert what_stands() == (gone, [(2026, 44, 1, TUESDAY)] if kind == "prompt" else [])


@pytest.mark.parametrize("way", WAYS)
def test_the_second_mail_of_a_week_counts_two(way):
    first, second = a_group(), a_group()
    second.lead.person = first.lead.person
    lease = claim(TUESDAY)
    for group in (first, second):
        way(lease, group, TUESDAY, SENT)

    assert what_stands()[1] == [(2026, 44, 2, TUESDAY)]


@pytest.mark.parametrize("way", WAYS)
def test_without_the_claim_nothing_changes(way):
    group, lease = a_group(), claim(TUESDAY)
    Message.objects.filter(pk=group.lead.pk).update(claim=lease.claim + 1)
    before = what_stands()

    with pytest.raises(LeaseLost):
        way(lease, group, TUESDAY, SENT)

    assert what_stands() == before


def test_it_costs_one_query(django_assert_num_queries):
    group, lease = a_group(), claim(TUESDAY)

    with django_assert_num_queries(1):
        write_down(lease, group, TUESDAY, **SENT)
