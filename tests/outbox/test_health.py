from datetime import timedelta

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.outbox.models import Message, Pulse
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
