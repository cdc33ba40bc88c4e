"""What an operator's machines ask: is the process there, does the mail go out (DELIVERY §10). Never about people."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courseplatform import clock
from courseplatform.outbox.models import Message, Pulse

LATE = {
    Message.EVENT_CHANGE: timedelta(minutes=5),
    Message.EVENT_REMINDER: timedelta(minutes=5),
    Message.THE_REST: timedelta(minutes=30),
}
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
    """What is red and why, by check; empty when all is well."""
    try:
        found = {name: check(now) for name, check in CHECKS.items()}
    except DatabaseError as error:
        return {"database": type(error).__name__}
    return {name: reason for name, reason in found.items() if reason}


def _migrations(now: datetime) -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied" if waiting else ""


def _delivery(now: datetime) -> str:
    for priority, limit in LATE.items():
        oldest = Message.objects.due(now, priority).aggregate(at=Min("due_at"))["at"]
        if oldest and now - oldest > limit:
            return f"messages of priority {priority} wait since {oldest:%Y-%m-%dT%H:%MZ}"
    return ""


def _pulse(now: datetime) -> str:
    stamp = Pulse.objects.values_list("dispatched_at", flat=True).first()
    if stamp is None:
        return "no tick yet"
    return f"no tick since {stamp:%Y-%m-%dT%H:%M:%SZ}" if now - stamp > STILL else ""


CHECKS: dict[str, Callable[[datetime], str]] = {"migrations": _migrations, "delivery": _delivery, "pulse": _pulse}
