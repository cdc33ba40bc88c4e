"""The Celery app and its timetable: three static doorbells without arguments. What is due is rows (DELIVERY §10)."""

import logging
import os
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.signals import worker_init
from django import setup
from django.core.management import call_command
from django.core.management.base import SystemCheckError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseplatform.settings")

from django.conf import settings

log = logging.getLogger(__name__)

app = Celery("courseplatform")
app.config_from_object("django.conf:settings", namespace="CELERY")


def _bell(task: str, every: int) -> dict[str, Any]:
    """A tick that nobody heard in time is worth nothing: the next one finds the same rows."""
    return {"task": f"worker.tasks.{task}", "schedule": timedelta(seconds=every), "options": {"expires": every}}


def _folders() -> dict[str, str]:
    """Doorbells as files, where there is no Valkey for this machine."""
    folders = {name: settings.VAR / "broker" / name for name in ("queue", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    log.warning("WITHOUT A BROKER: folders in %s carry the doorbells; messages wait a little longer.", settings.VAR)
    queue, processed, control = (str(folder) for folder in folders.values())
    return {
        "data_folder_in": queue,
        "data_folder_out": queue,
        "processed_folder": processed,
        "control_folder": control,
    }


@worker_init.connect  # type: ignore[untyped-decorator]
def refuse_what_checks_refuse(**_: Any) -> None:
    """A worker that could wait for ever for a silent relay does not start."""
    setup()
    try:
        call_command("check")
    except SystemCheckError as wrong:
        raise SystemExit(str(wrong)) from wrong


app.conf.beat_schedule = {
    "plan": _bell("plan", settings.PLAN_EVERY),
    "dispatch": _bell("dispatch", settings.DISPATCH_EVERY),
    "reap": _bell("reap", settings.REAP_EVERY),
}
app.conf.beat_schedule_filename = str(settings.VAR / "beat-schedule")
app.conf.broker_transport_options = (
    {
        "socket_timeout": 15,
        "socket_connect_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 25,
        "visibility_timeout": 600,
    }
    if settings.REDIS_URL
    else _folders()
)
app.conf.imports = ["worker.tasks"]
