"""Fjordby Kommune: its units and people, as the demo programme's folder describes them. Functions, never persons."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from courseplatform.cohorts.models import CalendarPolicy
from courseplatform.people.models import Municipality, OrgUnit, RoleAssignment, User
from demo.people import PASSWORD
from lessons.authors import follow_roles

PROGRAMME = Path(__file__).parent / "programme"
SCHOOL_BREAKS = [7, 42, 27, 28, 29, 30, 31, 32]  # ISO weeks, MODEL S4
EXECUTIVE = "direktion"
COLLEAGUES = {"k1": ("Afdelingsleder, Sygeplejen", "sundhed")}  # on no cohort; sent to a workshop in somebody's seat


@dataclass(frozen=True)
class Town:
    """The people by their key in the folder (`m08`, `h1`), and the learning group number of each participant."""

    municipality: Municipality
    people: dict[str, User]
    group_numbers: dict[str, int]
    facilitated_groups: dict[str, list[int]]

    @property
    def participants(self) -> dict[str, User]:
        """Key → person, in the folder's order."""
        return {key: self.people[key] for key in self.group_numbers}


def settle() -> Town:
    """Make the municipality with its units and people, ready to sign in."""
    folder = yaml.safe_load((PROGRAMME / "programme.yaml").read_text(encoding="utf-8"))["demo_municipality"]
    municipality = Municipality.objects.create(name=folder["name"], mail_domain=folder["email_domain"])
    CalendarPolicy.objects.create(municipality=municipality, school_break_weeks=SCHOOL_BREAKS)
    units = {unit["id"]: _unit(municipality, unit) for unit in folder["units"]}
    people = _people(municipality, units, folder["participants"] + folder["staff"] + _colleagues())
    _line_managers(people, folder["participants"])
    _roles(municipality, people, folder["staff"])
    return Town(
        municipality,
        people,
        {row["key"]: row["group"] for row in folder["participants"]},
        {row["key"]: row.get("groups", []) for row in folder["staff"]},
    )


def _unit(municipality: Municipality, unit: dict[str, Any]) -> OrgUnit:
    return OrgUnit.objects.create(
        municipality=municipality, name=unit["title"], kind=unit["kind"], valid_from=date(2020, 1, 1)
    )


def _colleagues() -> list[dict[str, Any]]:
    return [{"key": key, "function": function, "unit": unit} for key, (function, unit) in COLLEAGUES.items()]


def _people(municipality: Municipality, units: dict[str, OrgUnit], rows: list[dict[str, Any]]) -> dict[str, User]:
    password = make_password(PASSWORD)  # once for all of them: hashing is slow on purpose
    people = {
        row["key"]: User(
            email=f"{row['key']}@{municipality.mail_domain}",
            display_name=row["function"],
            job_title=row["function"],
            municipality=municipality,
            org_unit=units[row["unit"]],
            password=password,
        )
        for row in rows
    }
    people[EXECUTIVE] = User(
        email=f"{EXECUTIVE}@{municipality.mail_domain}",
        display_name="Direktør",
        job_title="Direktør",
        level=User.Level.DIRECTOR,
        municipality=municipality,
        password=password,
    )
    User.objects.bulk_create(people.values())
    return people


def _line_managers(people: dict[str, User], rows: list[dict[str, Any]]) -> None:
    for row in rows:
        manager = EXECUTIVE if row["line_manager"] == "executive" else row["line_manager"]
        people[row["key"]].line_manager = people[manager]
    User.objects.bulk_update(people.values(), ["line_manager"])


def _roles(municipality: Municipality, people: dict[str, User], staff: list[dict[str, Any]]) -> None:
    for row in staff:
        RoleAssignment.objects.create(person=people[row["key"]], municipality=municipality, kind=row["role"])
        follow_roles(people[row["key"]])
