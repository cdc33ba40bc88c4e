"""Runs the subjects that are named, or all, and keeps what they find in bench/results.json."""

import argparse
import json
import logging
import os
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic

import django

RESULTS = Path(__file__).parent / "results.json"
SUBJECTS = ("composing", "sending", "planning", "editing", "recovering", "claiming")


def main() -> None:
    asked = _asked()
    django.setup()
    logging.disable(logging.WARNING)
    began, found = monotonic(), []
    for subject in asked.subjects or SUBJECTS:
        print(f"\n{subject}   (load {os.getloadavg()[0]:.1f}, {datetime.now(UTC):%H:%M:%S} UTC)", flush=True)
        found += [result.as_json() for result in import_module(f"bench.{subject}").measure(is_full=asked.full)]
        _keep(found)
    if not asked.subjects:
        _write(found)  # what is no longer measured is forgotten
    missed = [one["name"] for one in found if not one["met"]]
    print(
        f"\n{len(found)} figures in {monotonic() - began:.0f} s, {len(missed)} below target; {RESULTS.name} has them."
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", choices=[*SUBJECTS, []], help=", ".join(SUBJECTS))
    parser.add_argument("--full", action="store_true", help="ten million rows where two are usual; takes an hour")
    return parser.parse_args()


def _keep(found: list[dict]) -> None:
    """They take the place of the older ones of the same name."""
    names = {one["name"] for one in found}
    before = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    _write([one for one in before if one["name"] not in names] + found)


def _write(results: list[dict]) -> None:
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
