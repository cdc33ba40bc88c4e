"""What a request answers and what the database holds after it. Afterwards everything is as it was."""

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpResponse

from courseplatform.people.written_text import CONTROLS

# What somebody wrote is kept even where it cannot be saved yet; and a person's wishes begin as the defaults.
KEPT_ANYWAY = {"Reflection", "ReflectionRevision", "PersonKey", "NotificationPreference"}
NOT_THEIRS = {
    "django_session",
    "usersessions_usersession",
    "outbox_planningrequest",
    "people_auditevent",
}  # what pressing leaves behind by itself
WRITES = re.compile(r'(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"')


@dataclass
class Outcome:
    """An answer, and what became of the database on the way to it."""

    response: HttpResponse | None = None
    wrong: list = field(default_factory=list)
    changed: set = field(default_factory=set)  # names of models


def outcome_of(send, before):
    """What `send()` answers and writes, compared to `before`, which is `everything_written()`. It is undone."""
    outcome = Outcome()
    with transaction.atomic():
        with errors_noted(outcome.wrong), written_tables() as tables:
            outcome.response = send()
        if not outcome.wrong:
            look_at(tables, before, outcome)
        transaction.set_rollback(True)
    return outcome


@contextmanager
def errors_noted(into):
    """What the site would have answered with a 500."""

    def note(sender, **about):
        into.append(repr(sys.exc_info()[1])[:300])

    got_request_exception.connect(note)
    try:
        yield
    finally:
        got_request_exception.disconnect(note)


@contextmanager
def written_tables():
    """The tables that statements in the block try to change: no others need to be compared."""
    tables = set()

    def note(execute, sql, params, many, context):
        tables.update(WRITES.match(sql).groups() if WRITES.match(sql) else [])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def more_rows_after(send):
    """What `send()` answers, and the tables that hold another number of rows after it. It is undone."""
    with transaction.atomic():
        with written_tables() as tables:
            response = send()
        after = numbers(tables)
        transaction.set_rollback(True)
    before = numbers(tables)
    return response, [table for table in after if after[table] != before[table]]


def numbers(tables):
    """How many rows are in each."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables - NOT_THEIRS:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def look_at(tables, before, outcome):
    """Which of our rows are others than before, and what is wrong with them."""
    for model in [model for model in before if model._meta.db_table in tables]:
        rows = list(model._base_manager.order_by("pk").values())
        if rows != before[model]:
            outcome.changed.add(model.__name__)
        outcome.wrong += [problem for row in rows if row not in before[model] for problem in unsound(model, row)]


def unsound(model, row):
    """What no row may hold: a value its own model refuses, or a control character."""
    try:
        model(**row).full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        yield f"{model.__name__}: {error.message_dict}"
    for name, value in row.items():
        if isinstance(value, str) and CONTROLS.search(value):
            yield f"{model.__name__}.{name} holds a control character: {value[:40]!r}"


def complaints(what, outcome):
    """One line for everything that is wrong with an outcome."""
    status = outcome.response.status_code
    lines = [f"{what}: {problem}" for problem in outcome.wrong]
    if status >= 500 and not outcome.wrong:
        lines.append(f"{what}: {status}")
    if status >= 400 and outcome.changed - KEPT_ANYWAY:
        lines.append(f"{what}: refused with {status}, and yet {sorted(outcome.changed)} changed")
    return lines
