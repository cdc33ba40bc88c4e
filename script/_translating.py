"""Compiles each room's django.po into the django.mo that Django reads, where it is missing or older."""

import os
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["courseplatform/*", "lessons", "worker", "demo"]


def sources() -> list[Path]:
    """Every room's translation source."""
    return sorted(file for room in ROOMS for file in ROOT.glob(f"{room}/locale/*/LC_MESSAGES/django.po"))


def compile_stale() -> list[Path]:
    """The sources that were compiled just now. Safe beside others that do the same."""
    stale = [source for source in sources() if not _is_fresh(source)]
    for source in stale:
        target = source.with_suffix(".mo")
        building = target.with_suffix(f".mo.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(building))
        building.replace(target)
    return stale


def _is_fresh(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime > source.stat().st_mtime


if __name__ == "__main__":
    for source in compile_stale():
        print(f"Compiled {source.relative_to(ROOT)}")
