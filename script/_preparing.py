"""Migrates, and in demo mode loads the programme and the demo cohort once. One process: Django starts only once."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseplatform.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import connection


def migrate() -> None:
    """A database made just now need not wait for disks: lost to a power cut, it is made again."""
    if connection.vendor == "sqlite" and not connection.introspection.table_names():
        connection.cursor().execute("PRAGMA synchronous=OFF")
    call_command("migrate", verbosity=0)
    connection.close()


def load_demo() -> None:
    """The demo programme, and its people and cohort where there is no cohort yet."""
    from courseplatform.cohorts.models import Cohort

    call_command("load_programme", str(ROOT / "demo" / "programme"), verbosity=0)
    if not Cohort.objects.exists():
        call_command("seed_demo", verbosity=0)


migrate()
if settings.DEMO and {"load_programme", "seed_demo"} <= set(get_commands()):
    load_demo()
