"""An error report tells where it broke: no text, no secret, no address with a password in it."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from courseplatform.journal.reflections import writing
from tests.factories import EnrolmentFactory

SECRETS = ("Kun til mig selv", "redis-adgang", "database-adgang", "post-adgang")


@pytest.fixture
def signed_in(db):
    client = Client(raise_request_exception=False)
    client.force_login(EnrolmentFactory().person)
    return client


@pytest.fixture
def broken_saving(monkeypatch):
    def breaks(*_args, **_fields):
        raise RuntimeError("It broke.")

    monkeypatch.setattr(writing, "_write", breaks)


def test_a_crash_while_saving_tells_nobody_the_text_or_a_secret(
    signed_in, broken_saving, settings, mailoutbox, caplog, monkeypatch
):
    settings.ADMINS = [("Drift", "drift@fjordby.example")]
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://:redis-adgang@cache:6379/0"
    settings.CACHES = settings.CACHES | {"other": {"LOCATION": settings.REDIS_URL}}
    surroundings = {
        "DATABASE_URL": "postgres://web:database-adgang@db/web",
        "EMAIL_URL": "smtp://post:post-adgang@mail",
    }
    text = {"field-text": "Kun til mig selv", "edition": 0, "shown": "private", "visibility": "private"}

    with caplog.at_level(logging.DEBUG):
        response = signed_in.post(reverse("write-free"), text | {"model": "free"}, **surroundings)

    assert response.status_code == 500
    [report] = [str(mail.message()) for mail in mailoutbox]
    assert "It broke." in report
    for where in (report, caplog.text, response.content.decode()):
        assert [secret for secret in SECRETS if secret in where] == []
