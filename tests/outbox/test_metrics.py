"""/metrics: who may read it, what it says, and that the counts of many processes are one number."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from courseplatform import clock
from courseplatform.outbox.models import Claim, DeliveryCount, Message, Pulse, Relay
from courseplatform.outbox.operating import metrics
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.sending.reaping import reap
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-more-than-thirty-two-characters"


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    metrics.write_down()
    DeliveryCount.objects.all().delete()


def samples(client):
    """Name and labels → value."""
    text = client.get(reverse("metrics")).content.decode()
    return {
        (sample.name.removeprefix("delivery_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


# --- Who may read it -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("request_comes", "status"),
    [
        ({}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "10.0.0.7"}, 404),
        ({"REMOTE_ADDR": ""}, 404),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({"HTTP_X_REAL_IP": "127.0.0.1"}, 404),
        ({"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ({"HTTP_VIA": "1.1 proxy"}, 404),
        ({"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "REMOTE_ADDR": "10.0.0.7"}, 404),
    ],
)
def test_without_a_token_only_the_machine_itself_may(client, request_comes, status):
    assert client.get(reverse("metrics"), **request_comes).status_code == status


def test_behind_a_proxy_the_machine_itself_is_everybody(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert client.get(reverse("metrics")).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"), [("", 404), ("Bearer ", 404), (f"Bearer {TOKEN}x", 404), (f"Bearer {TOKEN}", 200)]
)
def test_with_a_token_it_opens_for_the_token_wherever_it_comes_from(client, settings, header, status):
    settings.METRICS_TOKEN, settings.ALLAUTH_TRUSTED_PROXY_COUNT = TOKEN, 1
    wherever = {"REMOTE_ADDR": "10.0.0.7", "HTTP_X_FORWARDED_FOR": "10.0.0.9", "HTTP_AUTHORIZATION": header}

    assert client.get(reverse("metrics"), **wherever).status_code == status


def test_a_token_shuts_the_machines_own_door(client, settings):
    settings.METRICS_TOKEN = TOKEN

    assert client.get(reverse("metrics")).status_code == 404


# --- Gauges ----------------------------------------------------------------------------------------------------------
def test_gauges_say_how_the_delivery_stands(client, monkeypatch):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    Pulse.objects.create(
        dispatched_at=now - timedelta(seconds=7), planned_at=now - timedelta(seconds=50), catching_up_since=now
    )
    MessageFactory(priority=0, due_at=now - timedelta(minutes=15), not_before=now - timedelta(minutes=5))
    MessageFactory(priority=0, due_at=now - timedelta(minutes=15), not_before=now + timedelta(minutes=5))
    MessageFactory.create_batch(2, due_at=now - timedelta(minutes=1))
    MessageFactory(due_at=now + timedelta(hours=36))
    MessageFactory(state=Message.State.HELD, reason="crashes")
    MessageFactory(state=Message.State.FAILED, reason="soft")
    Claim.objects.create(worker="a", made_at=now, lease_until=now)
    Claim.objects.create(worker="b", made_at=now, lease_until=now, open=False)
    Relay.objects.create(name="a:25", open_until=now + timedelta(seconds=5))
    Relay.objects.create(name="b:25", open_until=now)

    found = samples(client)

    assert {name: value for name, value in found.items() if name[0] in GAUGES} == {
        ("due_lag_seconds", "0"): 300,
        ("due_lag_seconds", "1"): 0,
        ("due_lag_seconds", "2"): 60,
        ("due_now", "0"): 1,
        ("due_now", "1"): 0,
        ("due_now", "2"): 2,
        ("planned_horizon_hours",): 36,
        ("claims_open",): 1,
        ("held_now",): 1,
        ("breaker_state", "a:25"): 1,
        ("breaker_state", "b:25"): 0,
        ("pulse_age_seconds", "plan"): 50,
        ("pulse_age_seconds", "dispatch"): 7,
        ("catchup_active",): 1,
        ("stopped",): 0,
    }


GAUGES = {
    *("due_lag_seconds", "due_now", "planned_horizon_hours", "claims_open", "held_now", "breaker_state"),
    *("pulse_age_seconds", "catchup_active", "stopped"),
}


def test_an_empty_site_has_figures_too(client):
    found = samples(client)

    assert {
        found[name] for name in [("sent_total",), ("in_doubt_total",), ("held_now",), ("slice_seconds_count",)]
    } == {0}


@pytest.mark.parametrize("messages", [1, 40])
def test_the_figures_cost_twelve_queries(client, messages, django_assert_num_queries):
    MessageFactory.create_batch(messages)

    with django_assert_num_queries(12):
        client.get(reverse("metrics"))


# --- Counters --------------------------------------------------------------------------------------------------------
def test_counts_of_several_batches_add_up(client):
    metrics.count("sent", number=3)
    metrics.count("suppressed", "cap")
    metrics.observe("slice_seconds", 0.25)
    metrics.write_down()
    metrics.count("sent", number=4)
    metrics.observe("slice_seconds", 0.5)
    metrics.write_down()

    found = samples(client)

    assert (found["sent_total",], found["suppressed_total", "cap"]) == (7, 1)
    assert (found["slice_seconds_sum",], found["slice_seconds_count",]) == (0.75, 2)


def test_a_batch_is_written_down_with_one_statement_in_one_order(django_assert_num_queries):
    for label in ("5xx", "2xx", "4xx"):
        metrics.count("smtp_reply", label, 100)

    with django_assert_num_queries(1) as asked:
        metrics.write_down()

    sql = asked.captured_queries[0]["sql"]
    assert sql.index("2xx") < sql.index("4xx") < sql.index("5xx")
    with django_assert_num_queries(0):
        metrics.write_down()


def test_every_alert_is_about_a_figure_there_is(client):
    Pulse.objects.create(dispatched_at=clock.now())
    Relay.objects.create(name="a:25")
    read = yaml.safe_load((settings.BASE_DIR / "docs" / "operations" / "alerts.yml").read_text())
    rules = [rule for group in read["groups"] for rule in group["rules"]]
    said = {f"delivery_{name[0]}" for name in samples(client)}

    for rule in rules:
        assert {"alert", "expr", "annotations"} <= rule.keys() <= {"alert", "expr", "for", "annotations"}
        assert rule["annotations"].keys() == {"summary"}
        asked = set(re.findall(r"delivery_\w+", rule["expr"]))
        assert asked
        assert asked <= said, rule["alert"]
    assert len({rule["alert"] for rule in rules}) == 9
    assert read.keys() == {"groups"}


def test_nobody_is_named(client):
    message = MessageFactory(state="held", reason="refused", due_at=clock.now())

    text = client.get(reverse("metrics")).content.decode()

    assert message.person.email not in text
    assert message.person.display_name not in text
    assert str(message.pk) not in text


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plan is PostgreSQL's")
def test_figures_read_indexes_and_never_the_whole_table(client):
    from tests.insights.many_messages import add_messages, plans_of

    add_messages(MessageFactory(state="sent"), cohorts=60, each=40)

    plans = plans_of(lambda: client.get(reverse("metrics")))

    assert len(plans) == 7
    assert [plan for plan in plans if "Seq Scan on outbox_message" in plan] == []


def test_what_a_sender_and_the_reaper_do_is_counted(client, mailoutbox):
    now = datetime(2026, 10, 27, 9, tzinfo=UTC)  # a Tuesday
    expires = {"expires_at": now + timedelta(days=1), "due_at": now}
    MessageFactory(**expires, kind="welcome", template="welcome")
    MessageFactory(**expires, enrolment__person__is_active=False, kind="welcome", template="welcome")
    MessageFactory(due_at=now - timedelta(days=20), expires_at=now - timedelta(days=6))
    claim = Claim.objects.create(worker="dead", made_at=now, lease_until=now - timedelta(seconds=1))
    MessageFactory(**expires, state="claimed", claim=claim.pk, claim_pos=0)

    reap(now)
    send_due(now)

    found = samples(client)
    assert {name: value for name, value in found.items() if value and name[0].endswith("_total")} == {
        ("sent_total",): 1,
        ("cancelled_total", "left"): 1,
        ("suppressed_total", "stale"): 1,
        ("lease_expired_total",): 1,
        ("in_doubt_total",): 1,
    }
    assert found["slice_seconds_count",] == 1
