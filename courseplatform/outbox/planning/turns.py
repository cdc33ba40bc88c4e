"""Whose messages must be looked at, and when: because something changed (DELIVERY §8), or because time passes.

A change adds a `PlanningRequest` in its own transaction and waits for nobody. A `PlanningTurn` says when something
next happens by itself; its lock keeps two planners off the same cohort.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.signals import post_save, pre_delete

from courseplatform.cohorts.announcements import DECIDES, decides
from courseplatform.cohorts.models import (
    CalendarPolicy,
    Cohort,
    Enrolment,
    GroupMeeting,
    GroupMembership,
    Workshop,
)
from courseplatform.outbox.models import PlanningRequest, PlanningTurn
from courseplatform.people.announcements import changed
from courseplatform.people.models import Municipality, NotificationPreference, User

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)  # earlier than any now: who asks need not know what time it is
RETRY = timedelta(minutes=10)  # after a failure, doubled each time
LONGEST_RETRY = timedelta(hours=6)
Cohorts = QuerySet[Any, Any]


# --- Asking for a look -----------------------------------------------------------------------------------------------
def touch(cohorts: Iterable[UUID]) -> None:
    """The next planning pass looks at these cohorts again, once the caller's transaction is committed."""
    PlanningRequest.objects.bulk_create(PlanningRequest(cohort_id=pk) for pk in sorted(set(cohorts)))


def _of_people(people: Q) -> Cohorts:
    return Enrolment.objects.filter(people).values_list("cohort", flat=True)


# The cohorts that a change of these rows concerns. A line manager is written to about those who report to them.
CONCERNED: dict[type[models.Model], Callable[[list[Any]], Cohorts]] = {
    Cohort: lambda pks: Cohort.objects.filter(pk__in=pks).values_list("pk", flat=True),
    Enrolment: lambda pks: _of_people(Q(pk__in=pks)),
    GroupMembership: lambda pks: GroupMembership.objects.filter(pk__in=pks).values_list("group__cohort", flat=True),
    Workshop: lambda pks: Workshop.objects.filter(pk__in=pks).values_list("cohort", flat=True),
    GroupMeeting: lambda pks: GroupMeeting.objects.filter(pk__in=pks).values_list("group__cohort", flat=True),
    CalendarPolicy: lambda pks: _of_municipality(Q(municipality__calendar_policy__in=pks)),
    Municipality: lambda pks: _of_municipality(Q(municipality__in=pks)),
    User: lambda pks: _of_people(Q(person__in=pks) | Q(person__line_manager__in=pks)),
    NotificationPreference: lambda pks: _of_people(
        Q(person__notification_preference__in=pks) | Q(person__line_manager__notification_preference__in=pks)
    ),
}


def _of_municipality(these: Q) -> Cohorts:
    return Cohort.objects.alive().filter(these).values_list("pk", flat=True)


def _rows_changed(
    sender: type[models.Model], pks: list[Any] | None, fields: frozenset[str] | None, **_kwargs: object
) -> None:
    if sender in CONCERNED and decides(sender, fields):
        everybody = Cohort.objects.alive().values_list("pk", flat=True)
        touch(everybody if pks is None else CONCERNED[sender](pks).order_by().distinct())


def _row_saved(
    sender: type[models.Model], instance: models.Model, created: bool, update_fields: frozenset[str] | None, **_: object
) -> None:
    if created and sender is User:  # nobody can be on a cohort before they are there
        return
    if decides(sender, update_fields):
        _row_concerns(sender, instance)


def _row_concerns(sender: type[models.Model], instance: models.Model, **_kwargs: object) -> None:
    direct = instance.pk if sender is Cohort else getattr(instance, "cohort_id", None)
    touch([direct] if direct else CONCERNED[sender]([instance.pk]).order_by().distinct())


def listen() -> None:
    """From now on every change that matters asks for a look; called once, at the start."""
    changed.connect(_rows_changed, dispatch_uid="outbox.turns")
    for model in DECIDES:
        post_save.connect(_row_saved, sender=model, dispatch_uid="outbox.turns")
        pre_delete.connect(_row_concerns, sender=model, dispatch_uid="outbox.turns")  # while it can still be found


def in_trouble() -> QuerySet[PlanningTurn]:
    """Cohorts that cannot be planned, the longest trouble first: somebody must look."""
    return PlanningTurn.objects.filter(failures__gt=0).select_related("cohort").order_by("-failures", "pk")


# --- Taking turns ----------------------------------------------------------------------------------------------------
def due(now: datetime, *, most: int) -> list[UUID]:
    """Cohorts to look at now: those that asked, then those whose time has come, longest ago first. One query."""
    asked = PlanningRequest.objects.annotate(plan_at=Value(AT_ONCE, models.DateTimeField())).values(
        "cohort_id", "plan_at"
    )
    timed = PlanningTurn.objects.filter(plan_at__lte=now).values("cohort_id", "plan_at")
    found = asked.union(timed).order_by("plan_at")[:most]
    return list(dict.fromkeys(row["cohort_id"] for row in found))


def take(cohort: UUID, *, waits: bool = True) -> PlanningTurn | None:
    """Holds the cohort's turn until the transaction ends. None when the cohort is gone, or, without waiting, when
    another planner holds it."""
    turns = PlanningTurn.objects.filter(pk=cohort)
    can_skip = connection.features.has_select_for_update_skip_locked
    held = turns.select_for_update(skip_locked=not waits and can_skip).first()
    if held or turns.exists() or not Cohort.objects.filter(pk=cohort).exists():
        return held
    PlanningTurn.objects.bulk_create([PlanningTurn(cohort_id=cohort, plan_at=AT_ONCE)], ignore_conflicts=True)
    return take(cohort, waits=waits)


def forget_if_gone(cohort: UUID) -> None:
    """Nothing is left to look at of a cohort that has been deleted."""
    if not Cohort.objects.filter(pk=cohort).exists():
        PlanningRequest.objects.filter(cohort_id=cohort).delete()


def requests(cohort: UUID) -> list[int]:
    """What was asked for that cohort until now; read it before anything the plan is made of."""
    return list(PlanningRequest.objects.filter(cohort_id=cohort).values_list("pk", flat=True))


def finish(cohort: UUID, plan_at: datetime, now: datetime, *, asked: list[int]) -> None:
    """Looked at: what was `asked` is done, and time brings the next look at `plan_at`."""
    # By id: a lower one may have been committed since.
    PlanningRequest.objects.filter(pk__in=asked).delete()
    PlanningTurn.objects.filter(pk=cohort).update(plan_at=plan_at, planned_at=now, failures=0, trouble="")


def put_off(cohort: UUID, now: datetime, error: Exception) -> None:
    """It could not be planned: tried again later, ever less often, and an operator sees what kind of error it was."""
    PlanningRequest.objects.filter(cohort_id=cohort).delete()
    PlanningTurn.objects.get_or_create(pk=cohort, defaults={"plan_at": now})
    turns = PlanningTurn.objects.filter(pk=cohort)
    failures = turns.values_list("failures", flat=True).first() or 0
    wait = min(RETRY * 2 ** min(failures, 10), LONGEST_RETRY)
    turns.update(plan_at=now + wait, failures=F("failures") + 1, trouble=type(error).__name__)
