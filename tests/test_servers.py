"""The tests really run on the servers that the runner started, and not on something that stood in for them."""

import mailbox
import os
import smtplib
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection

started_by_runner = pytest.mark.skipif(
    "COURSEPLATFORM_TEST_MAILBOX" not in os.environ, reason="only script/test starts these servers"
)


def test_the_database_is_the_kind_the_runner_said(db):
    assert connection.vendor == os.environ.get("COURSEPLATFORM_TEST_DATABASE", "sqlite")


@started_by_runner
def test_the_broker_and_the_shared_cache_are_a_real_server():
    cache.set("greeting", "godmorgen")

    assert settings.CELERY_BROKER_URL.startswith("redis://127.0.0.1:")
    assert cache.get("greeting") == "godmorgen"


@started_by_runner
def test_a_mail_goes_over_a_real_socket():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hr@fjordby.example", "leder@fjordby.example", "Kan I høre mig?"
    before = len(mailbox.Maildir(os.environ["COURSEPLATFORM_TEST_MAILBOX"]))

    host, port = os.environ["EMAIL_URL"].removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.send_message(mail)

    assert len(mailbox.Maildir(os.environ["COURSEPLATFORM_TEST_MAILBOX"])) == before + 1
