"""Migrates the database that tests copy (tests/database_clones.py), on whatever DATABASE_URL says, before any asks."""

import gc
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

# Two hundred migrations draw every model again and again: to look for garbage as often took a third of the time.
gc.set_threshold(1_000_000, 20, 50)

import django

django.setup()

from tests import database_clones

if __name__ == "__main__":
    database_clones.template()
