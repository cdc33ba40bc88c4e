"""Migrates, and in demo mode loads the programme and the demo cohort once. One process: Django starts only once."""

import gc
import io
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseplatform.settings")

# Two hundred migrations draw every model again and again: to look for garbage as often took a third of the time.
gc.set_threshold(1_000_000, 20, 50)

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection


def migrate() -> None:
    """A database made just now need not wait for disks: lost to a power cut, it is made again."""
    if connection.vendor == "sqlite" and not connection.introspection.table_names():
        connection.cursor().execute("PRAGMA synchronous=OFF")
    call_command("migrate", verbosity=0)


def load_demo() -> None:
    """The demo municipality where there is no cohort yet; else only what changed in the programme's folder."""
    from courseplatform.cohorts.models import Cohort

    command = ["load_programme", str(ROOT / "demo" / "programme")] if Cohort.objects.exists() else ["seed_demo"]
    call_command(*command, verbosity=0, stdout=io.StringIO())


migrate()
if settings.DEMO:
    load_demo()
