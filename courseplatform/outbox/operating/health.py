"""What an operator's machines ask: is the process there, does the mail go out (DELIVERY §10). Never about people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courseplatform import clock
from courseplatform.outbox.models import Pulse
from courseplatform.outbox.operating.delivery_state import late_priorities

STILL = timedelta(seconds=120)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything needed is there, 503 with the reasons when not."""
    reasons = trouble(clock.now())
    return JsonResponse({"status": "ok" if not reasons else "red", "reasons": reasons}, status=503 if reasons else 200)


def trouble(now: datetime) -> dict[str, str]:
    """What is red and why, by check; empty when all is well. Four queries, none of which counts."""
    try:
        found = {name: check(now) for name, check in CHECKS.items()}
    except DatabaseError as error:
        return {"database": type(error).__name__}
    return {name: reason for name, reason in found.items() if reason}


class NotMigrated(Exception):
    """Its text says how many migrations wait."""


def _migrations(now: datetime) -> str:
    try:
        look_for_migrations()
    except NotMigrated as waiting:
        return str(waiting)
    return ""


@cache
def look_for_migrations() -> None:
    """Raises NotMigrated. A process that once found its database up to date looks no more: it reads every file."""
    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotMigrated(f"{len(waiting)} not applied")


def _delivery(now: datetime) -> str:
    late = ", ".join(map(str, late_priorities(now)))
    return f"messages of priority {late} wait too long" if late else ""


def _pulse(now: datetime) -> str:
    pulse = Pulse.objects.first()
    if pulse is None or pulse.dispatched_at is None:
        return "no tick yet"
    if pulse.stopped_at:
        return f"sending is stopped since {pulse.stopped_at:%Y-%m-%dT%H:%M:%SZ}: {pulse.stopped_because}"
    is_still = now - pulse.dispatched_at > STILL
    return f"no tick since {pulse.dispatched_at:%Y-%m-%dT%H:%M:%SZ}" if is_still else ""


CHECKS: dict[str, Callable[[datetime], str]] = {"migrations": _migrations, "delivery": _delivery, "pulse": _pulse}
