"""A mail that went, written down in one statement: each mail costs the database one round trip (DELIVERY §5).

The same as `settling` does step by step. It is its own transaction, where the caller has none.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from courseplatform.outbox.models import Message

# Whoever lost the claim changes nothing: all the rest hangs on the first row.
WRITE = """
    WITH lead AS (
        UPDATE outbox_message SET state = 'sent', sent_at = %(now)s, reply_code = %(code)s, reason = '',
            claim = NULL, claim_pos = NULL, merged_into_id = NULL
        WHERE id = %(lead)s AND claim = %(claim)s
        RETURNING id
    ), others AS (
        UPDATE outbox_message SET state = 'merged', sent_at = %(now)s, merged_into_id = %(lead)s,
            claim = NULL, claim_pos = NULL
        WHERE id = ANY(%(others)s::uuid[]) AND claim = %(claim)s AND EXISTS (SELECT 1 FROM lead)
        RETURNING id
    ), counted AS (
        INSERT INTO outbox_weeklycount (person_id, iso_year, iso_week, mails, last_at)
        SELECT %(person)s, %(year)s, %(week)s, 1, %(now)s FROM lead WHERE %(year)s::int IS NOT NULL
        ON CONFLICT (person_id, iso_year, iso_week)
        DO UPDATE SET mails = outbox_weeklycount.mails + 1, last_at = excluded.last_at
    )
    SELECT (SELECT COUNT(*) FROM lead), (SELECT COUNT(*) FROM others)"""
Week = tuple[int, int]  # ISO year and week
NOT_COUNTED = (None, None)


def write_sent(
    claim: int, lead: Message, others: list[Message], now: datetime, code: int | None, week: Week | None
) -> tuple[int, int]:
    """How many rows are sent now, and how many travelled along; (0, 0) when the claim was lost.

    `week` is the one that counts the mail (MODEL P5); None for a mail that is not counted. PostgreSQL only.
    """
    year, number = week or NOT_COUNTED
    values: dict[str, Any] = {
        "lead": lead.pk,
        "others": [message.pk for message in others],
        "person": lead.person_id,
        "claim": claim,
    }
    values |= {"now": now, "code": code, "year": year, "week": number}
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
        sent, merged = cursor.fetchone()
    return sent, merged
