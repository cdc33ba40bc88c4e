"""Which changes decide what is sent and when (DELIVERY §8): the fields that planning reads.

Every field of these models is in one of the two tables, so that a new one cannot be forgotten (tests/outbox).
"""

from django.db import models

from courseplatform.cohorts.models import (
    CalendarPolicy,
    Cohort,
    Enrolment,
    GroupMeeting,
    GroupMembership,
    Workshop,
)
from courseplatform.people.models import Municipality, NotificationPreference, User

EVENT = frozenset(
    {"key", "starts_at", "ends_at", "place", "link", "state", "move_generation", "ics_uid", "ics_sequence"}
)
DECIDES: dict[type[models.Model], frozenset[str]] = {
    Cohort: frozenset({"municipality", "programme_version", "starts_on", "state"}),
    Enrolment: frozenset({"cohort", "person", "state", "activated_at", "paused_from", "paused_to"}),
    GroupMembership: frozenset({"group", "enrolment", "left_at"}),
    Workshop: EVENT | {"cohort"},
    GroupMeeting: EVENT | {"group"},
    CalendarPolicy: frozenset(
        {"municipality", "send_window", "default_send_time", "local_closures", "half_days", "school_break_weeks"}
    ),
    Municipality: frozenset({"timezone"}),
    User: frozenset({"email", "is_active", "line_manager", "timezone", "undeliverable_since"}),
    NotificationPreference: frozenset(
        {"person", "digest", "digest_day", "preferred_time", "pause_from", "pause_until", "muted_classes"}
    ),
}
ALWAYS_LEFT_OUT = frozenset({"id", "created_at", "updated_at", "created_by"})
LEFT_OUT: dict[type[models.Model], frozenset[str]] = {
    Cohort: frozenset(
        {
            "name", "owner_hr", "capacity_min", "capacity_max", "state_reason", "backfill_reason",
            "completed_at", "start_alert_at", "is_demo",
        }
    ),
    Enrolment: frozenset({"ended_at", "end_reason"}),
    GroupMembership: frozenset({"joined_at"}),
    Workshop: frozenset({"state_reason", "seats"}),
    GroupMeeting: frozenset({"state_reason"}),
    Municipality: frozenset({"name", "cvr", "default_language", "mail_domain", "min_group_size"}),
    User: frozenset(
        {
            "password", "last_login", "is_superuser", "external_id", "display_name", "job_title", "level",
            "municipality", "org_unit", "language", "is_staff", "signed_out_times",
        }
    ),
}  # fmt: skip


def decides(model: type[models.Model], fields: frozenset[str] | None) -> bool:
    """Whether a change of these fields (all of them when None) can change what is sent."""
    names = {field.removesuffix("_id") for field in fields} if fields is not None else DECIDES[model]
    return not DECIDES[model].isdisjoint(names)
