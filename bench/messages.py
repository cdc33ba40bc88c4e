"""People with messages to send, in a database of their own with as much else in it as asked for."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.admission import whole
from tests import database_clones
from tests.factories import WorkshopFactory
from tests.faults.ledger import LedgerSink
from tests.faults.world import TUESDAY, World

AGAIN = """
    UPDATE outbox_message SET state = 'due', claim = NULL, claim_pos = NULL, sent_at = NULL, reply_code = NULL,
        merged_into_id = NULL, due_at = local_at - interval '30 minutes'
    WHERE state <> 'due'"""
# Copies of one row, each with a key of its own, due one after the other from next week on.
LATER = """
    INSERT INTO outbox_message ({fields}, id, occurrence_key, due_at)
    SELECT {fields}, gen_random_uuid(), 'later:' || gen_random_uuid(),
        due_at + interval '7 days' + number * interval '1 second'
    FROM generate_series(1, %s) AS number, (SELECT * FROM outbox_message LIMIT 1) AS one"""


@contextmanager
def world() -> Iterator[World]:
    """An empty database and a relay that writes down what it accepts; our settings point to both."""
    with tempfile.TemporaryDirectory() as folder, LedgerSink(Path(folder)) as sink:
        settings.EMAIL_BACKEND = "courseplatform.outbox.relay.channels.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        with database_clones.clone_of(database_clones.template()):
            yield World(Path(folder), sink)


def invitations(here: World, count: int) -> list[Message]:
    """That many people with the same workshop's calendar mail, all of it due."""
    workshop = WorkshopFactory(cohort=here.cohort)
    entry = {"kind": "event", "template": "invitation", "channel": "calendar", "priority": 0, "workshop": workshop}
    return here.add_messages(count, occurrence_key=f"{workshop.pk}:0:invitation:0", **entry)


def loaded() -> list[Message]:
    """All that wait, with everything that composing reads of them."""
    return list(whole(Message.objects.filter(state="due", due_at__lte=TUESDAY)).order_by("due_at", "id"))


def add_later(count: int) -> None:
    """That many that are not due yet, set-based; and the statistics that autovacuum would have made by then."""
    kept = ("id", "occurrence_key", "due_at")
    names = [field.column for field in Message._meta.concrete_fields if field.column not in kept]
    run("SET session_replication_role = replica")  # what copies refer to is there: nobody need look it up each time
    run(LATER.format(fields=", ".join(names)), [count])
    run("SET session_replication_role = DEFAULT")
    run("VACUUM ANALYZE outbox_message")


def all_due_again() -> None:
    """As before anything was sent: nobody has had a mail this week, and the dead rows are swept up."""
    run(AGAIN)
    run("DELETE FROM outbox_weeklycount")
    run("UPDATE outbox_claim SET open = false WHERE open")
    run("VACUUM ANALYZE outbox_message")


def run(statement: str, values: list | None = None) -> list[tuple]:
    """One statement, in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
