"""The ordinary ways to send, written as one would write them: what the delivery core is held against."""

import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import django
from celery import Celery
from django.apps import apps

if not apps.ready:  # a worker begins here
    django.setup()

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from bench.measuring import together
from bench.messages import run
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.admission import whole
from courseplatform.outbox.writing.composing import html
from courseplatform.outbox.writing.wording import letter
from tests import database_clones
from tests.faults.world import TUESDAY

DJANGOS_OWN = "django.core.mail.backends.smtp.EmailBackend"

app = Celery("ordinary", broker=os.environ.get("REDIS_URL", "").removesuffix("/0") + "/1")
app.conf.task_ignore_result = True


def mail_of(message: Message) -> EmailMultiAlternatives:
    """The same words and the same layout, rendered for each person."""
    with translation.override(message.person.language), timezone.override(message.tzid):
        words = letter([message])
        text = render_to_string("emails/letter.txt", {"letter": words})
        mail = EmailMultiAlternatives(words.subject, text, settings.DEFAULT_FROM_EMAIL, [message.person.email])
        mail.attach_alternative(html(words), "text/html")
        mail.extra_headers["Message-ID"] = message.message_id
    return mail


# --- One Celery task for each recipient -------------------------------------------------------------------------------
@app.task
def send_one(pk: str) -> None:
    """As in most projects: the mail's own connection, then the row."""
    message = whole(Message.objects.filter(pk=UUID(pk))).get()
    mail = mail_of(message)
    mail.connection = get_connection(DJANGOS_OWN)
    mail.send()
    Message.objects.filter(pk=pk).update(state="sent", sent_at=TUESDAY)


@contextmanager
def celery_workers(processes: int, relay_port: int) -> Iterator[None]:
    """That many, on the database that we are on. The first mails wait until they have begun."""
    url = database_clones.databases().url(connection.settings_dict["NAME"])
    env = os.environ | {"DATABASE_URL": url, "EMAIL_URL": f"smtp://127.0.0.1:{relay_port}"}
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "ERROR"]
    command = ["celery", "-A", "bench.ordinary:app", "worker", "-P", "prefork", "-c", str(processes), *quiet]
    worker = subprocess.Popen([sys.executable, "-m", *command], env=env, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def send_by_celery(wanted: list[str], count_sent: Callable[[], int]) -> None:
    """Until the last mail is out."""
    there = count_sent()
    together(1, lambda: _ring(wanted))  # in a process that ends: who forks with a broker's connection open hangs
    wait_until(lambda: count_sent() - there >= len(wanted), seconds=120)


def _ring(wanted: list[str]) -> None:
    with app.producer_pool.acquire() as producer:
        for pk in wanted:
            send_one.apply_async([pk], producer=producer)


# --- A loop over the table --------------------------------------------------------------------------------------------
def send_by_loop() -> None:
    """Lock a row, send, commit, the next; over one connection."""
    with get_connection(DJANGOS_OWN) as relay:
        while _send_next(relay):
            pass


@transaction.atomic
def _send_next(relay: object) -> bool:
    free = Message.objects.select_for_update(skip_locked=True, of=["self"])
    message = whole(free.filter(state="due", due_at__lte=TUESDAY).order_by("priority", "due_at")).first()
    if message is None:
        return False
    relay.send_messages([mail_of(message)])
    Message.objects.filter(pk=message.pk).update(state="sent", sent_at=TUESDAY)
    return True


# --- No database at all -----------------------------------------------------------------------------------------------
def send_ready(mails: list, port: int) -> None:
    """The bytes are there; smtplib hands them over on one connection."""
    with smtplib.SMTP("127.0.0.1", port) as relay:
        for mail in mails:
            relay.sendmail(mail.sender, [mail.recipient], mail.content)


def send_by_django(messages: list[EmailMultiAlternatives], port: int) -> None:
    """The messages are there; Django's backend writes them out and sends them on one connection."""
    with get_connection(DJANGOS_OWN, host="127.0.0.1", port=port) as relay:
        relay.send_messages(messages)


def send_each_alone(messages: list[EmailMultiAlternatives], port: int) -> None:
    """The same with a connection for each mail."""
    for mail in messages:
        send_by_django([mail], port)


def wait_until(happened: Callable[[], bool], *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.005)


def unsent() -> list[str]:
    """The ids of all that wait, in their order."""
    return [str(pk) for (pk,) in run("SELECT id FROM outbox_message WHERE state = 'due' ORDER BY due_at, id")]
