from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from courseplatform import clock
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.operating import health
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pulse():
    return Pulse.objects.create(dispatched_at=clock.now())


def test_the_process_answers_without_a_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get(reverse("healthz")).json() == {"status": "ok"}


def test_ready_when_mail_goes_out(client, pulse):
    MessageFactory(due_at=clock.now() - timedelta(minutes=4), expires_at=clock.now() + timedelta(days=1))

    response = client.get(reverse("readyz"))

    assert (response.status_code, response.json()) == (200, {"status": "ok", "reasons": {}})


def test_red_when_nobody_has_rung_for_two_minutes(client, pulse):
    Pulse.objects.update(dispatched_at=clock.now() - timedelta(seconds=121))

    response = client.get(reverse("readyz"))

    assert response.status_code == 503
    assert list(response.json()["reasons"]) == ["pulse"]


@pytest.mark.parametrize(("priority", "minutes", "status"), [(0, 6, 503), (1, 6, 503), (2, 6, 200), (2, 31, 503)])
def test_red_when_messages_wait_too_long(client, pulse, priority, minutes, status):
    message = MessageFactory(priority=priority, due_at=clock.now() - timedelta(minutes=minutes))

    response = client.get(reverse("readyz"))

    assert response.status_code == status
    assert message.person.email not in response.content.decode()


def test_a_message_that_is_not_due_worries_nobody(client, pulse):
    MessageFactory(due_at=clock.now() + timedelta(days=1))
    MessageFactory(state=Message.State.SENT, due_at=clock.now() - timedelta(days=1))

    assert client.get(reverse("readyz")).status_code == 200


def test_red_while_sending_is_stopped_whoever_rings(client, pulse):
    Pulse.objects.update(stopped_at=clock.now(), stopped_because="restored")

    response = client.get(reverse("readyz"))

    assert response.status_code == 503
    assert response.json()["reasons"]["pulse"].endswith(": restored")


def test_a_mail_that_was_to_wait_is_not_late_when_its_wait_is_over(client, pulse):
    now = clock.now()
    MessageFactory(priority=0, due_at=now - timedelta(minutes=11), not_before=now - timedelta(minutes=1))

    assert client.get(reverse("readyz")).status_code == 200


@pytest.mark.parametrize("messages", [1, 40])
def test_asking_costs_four_queries_once_the_migrations_are_known(client, pulse, messages, django_assert_num_queries):
    MessageFactory.create_batch(messages, due_at=clock.now())
    client.get(reverse("readyz"))

    with django_assert_num_queries(4):
        client.get(reverse("readyz"))


def test_a_migration_that_waits_is_told_until_it_is_applied(client, pulse):
    newest = MigrationRecorder.Migration.objects.filter(app="outbox").latest("name")
    newest.delete()
    health.look_for_migrations.cache_clear()

    assert client.get(reverse("readyz")).json()["reasons"]["migrations"] == "1 not applied"
    MigrationRecorder(connection).record_applied("outbox", newest.name)
    assert client.get(reverse("readyz")).status_code == 200
