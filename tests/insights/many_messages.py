"""Far more messages than a cohort has, and what PostgreSQL does to read the few that are asked for."""

from django.db import connection

# Each other cohort has one enrolment of its own: what matters is how many rows are somebody else's.
OTHER_COHORTS = """
    INSERT INTO cohorts_cohort SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid()))).*
    FROM cohorts_cohort c, generate_series(1, %(cohorts)s) WHERE c.id = %(cohort)s"""
OTHER_ENROLMENTS = """
    INSERT INTO cohorts_enrolment
    SELECT (jsonb_populate_record(e, jsonb_build_object('id', gen_random_uuid(), 'cohort_id', c.id))).*
    FROM cohorts_enrolment e, cohorts_cohort c WHERE e.id = %(enrolment)s AND c.id <> %(cohort)s"""
OTHER_MESSAGES = """
    INSERT INTO outbox_message
    SELECT (jsonb_populate_record(m, jsonb_build_object(
        'id', gen_random_uuid(), 'enrolment_id', e.id, 'occurrence_key', n::text))).*
    FROM outbox_message m, cohorts_enrolment e, generate_series(1, %(each)s) n
    WHERE m.id = %(message)s AND e.cohort_id <> %(cohort)s"""


def add_messages(like, *, cohorts, each):
    """As many other cohorts, with as many messages like that one each; statistics are fresh."""
    enrolment = like.enrolment
    ids = {"cohort": enrolment.cohort_id, "enrolment": enrolment.pk, "message": like.pk}
    numbers = {**ids, "cohorts": cohorts, "each": each}
    with connection.cursor() as cursor:
        for statement in (OTHER_COHORTS, OTHER_ENROLMENTS, OTHER_MESSAGES):
            cursor.execute(statement, numbers)
        for table in ("cohorts_cohort", "cohorts_enrolment", "outbox_message"):
            cursor.execute(f"ANALYZE {table}")


def plans_of(ask):
    """EXPLAIN of every statement about messages that `ask()` runs."""
    asked = []

    def note(execute, sql, params, many, context):
        if '"outbox_message"' in sql and sql.startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    with connection.cursor() as cursor:
        return [_explained(cursor, sql, params) for sql, params in asked]


def _explained(cursor, sql, params):
    cursor.execute(f"EXPLAIN {sql}", params)
    return "\n".join(line for (line,) in cursor.fetchall())
