"""A list of people from a spreadsheet: read, checked row by row, and carried out whole or not at all (MODEL §10)."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Cohort
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.people.models import Municipality, OrgUnit, User
from courseplatform.people.written_text import has_cpr_like_number, tidy

MOST_ROWS = 2000
COLUMNS = {
    "email": ("e-mail", "email", "mail", "e-mailadresse"),
    "name": ("navn", "name"),
    "job_title": ("stilling", "titel", "job title"),
    "unit": ("enhed", "unit"),
    "line_manager": ("nærmeste leder", "line manager"),
}
SHARED_MAILBOXES = {"alle", "all", "info", "kontakt", "contact", "post", "mail", "noreply", "no-reply", "postmaster"}
LONGEST_ADDRESS, LONGEST_TITLE = 254, 120  # as the database keeps them


@dataclass(frozen=True)
class Row:
    """One person as the file has them. `line` counts from 1 with the header; cells are text, whatever they hold."""

    line: int
    email: str
    name: str = ""
    job_title: str = ""
    unit: str = ""
    line_manager: str = ""


@dataclass(frozen=True)
class Problem:
    """Line 0 is about the file as a whole."""

    line: int
    sentence: object


@dataclass
class DryRun:
    """What an import would do. Only one without problems can be carried out."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: dict[str, User] = field(default_factory=dict)
    already: set[str] = field(default_factory=set)
    unknown_domains: set[str] = field(default_factory=set)

    @property
    def new(self) -> list[Row]:
        """People nobody here has heard of."""
        return [row for row in self.rows if row.email not in self.known]

    @property
    def to_add(self) -> list[Row]:
        """People who are not on the cohort yet."""
        return [row for row in self.rows if row.email not in self.already]


def decoded(data: bytes) -> str:
    """UTF-8, with or without a mark at the start; else Windows-1252, which every byte string nearly is."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def dry_run(text: str, cohort: Cohort, *, allowed_domains: Iterable[str] = ()) -> DryRun:
    """What the text would bring to the cohort, and everything that is wrong with it. Changes nothing."""
    found = _read(text)
    if found.problems:
        return found
    found.known = _known(found.rows)
    found.already = _already(cohort)
    checks = _Checks(cohort, found, {domain.strip().casefold().lstrip("@") for domain in allowed_domains})
    for row in found.rows:
        found.problems += [Problem(row.line, sentence) for sentence in checks.of(row)]
    return found


def _read(text: str) -> DryRun:
    lines = text.lstrip("\ufeff").strip("\r\n")
    header, _newline, _rest = lines.partition("\n")
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    try:
        cells = list(csv.reader(StringIO(lines), delimiter=delimiter, strict=True))
    except csv.Error:
        return _whole_file(_("The text cannot be read as rows. A quotation mark may be missing."))
    columns = [_column(name) for name in cells[0]] if cells else []
    if "email" not in columns:
        return _whole_file(_("The first row must name the columns, and one of them is “e-mail”."))
    rows = [_row(line, columns, row) for line, row in enumerate(cells[1:], start=2) if any(map(str.strip, row))]
    if not rows:
        return _whole_file(_("There are no people in the list."))
    if len(rows) > MOST_ROWS:
        return _whole_file(_("The list may have 2,000 rows at most."))
    return DryRun(rows=rows)


def _whole_file(sentence: object) -> DryRun:
    return DryRun(problems=[Problem(0, sentence)])


def _column(name: str) -> str:
    """Our name for a header cell, or nothing for a column we have no use for."""
    given = _clean(name).casefold()
    return next((ours for ours, names in COLUMNS.items() if given in names), "")


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    values = {column: _clean(cell) for column, cell in zip(columns, cells, strict=False) if column}
    for address in ("email", "line_manager"):
        values[address] = values.get(address, "").casefold()
    return Row(line, **values)


def _clean(cell: str) -> str:
    """Tidied, with one space between words (MODEL §10)."""
    return " ".join(tidy(cell).split())


def is_address(text: str) -> bool:
    """Whether a mail could be sent there, as far as its form tells; domains may have letters such as æøå."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= LONGEST_ADDRESS


def _known(rows: list[Row]) -> dict[str, User]:
    return {person.email: person for person in User.objects.filter(email__in=[row.email for row in rows])}


def _already(cohort: Cohort) -> set[str]:
    return set(cohort.enrolments.open().values_list("person__email", flat=True))


class _Checks:
    """What a row can be wrong about, with all it is compared to read once."""

    def __init__(self, cohort: Cohort, found: DryRun, allowed_domains: set[str]) -> None:
        self.municipality: Municipality = cohort.municipality
        self.found = found
        self.domains = allowed_domains | {self.municipality.mail_domain}
        self.facilitators = set(cohort.facilitators.values_list("email", flat=True))
        self.units = {name.casefold() for name in self.municipality.units.values_list("name", flat=True)}
        self.colleagues = set(self.municipality.people.values_list("email", flat=True))
        self.emails = [row.email for row in found.rows]
        self.seen: set[str] = set()

    def of(self, row: Row) -> list[object]:
        """Every sentence that is true of the row."""
        checks = (self._address, self._person, self._title, self._unit, self._manager, self._cpr)
        found = [check(row) for check in checks]
        return [sentence for sentence in found if sentence]

    def _address(self, row: Row) -> object | None:
        if not is_address(row.email):
            return _("“%(email)s” is not an e-mail address.") % {"email": row.email}
        if row.email in self.seen:
            return _("%(email)s is in the list twice.") % {"email": row.email}
        self.seen.add(row.email)
        return self._mailbox(row.email)

    def _mailbox(self, email: str) -> object | None:
        local, _at, domain = email.rpartition("@")
        if local in SHARED_MAILBOXES:
            return _("%(email)s looks like a shared mailbox. Use the person's own.") % {"email": email}
        if email not in self.colleagues and domain not in self.domains:
            self.found.unknown_domains.add(domain)
            return _("We do not know the domain %(domain)s. Allow it below if it is right.") % {"domain": domain}
        return None

    def _person(self, row: Row) -> object | None:
        person = self.found.known.get(row.email)
        if person is None:
            return None if 2 <= len(row.name) <= 120 else _("A new person needs a name of 2 to 120 letters.")
        if row.email in self.facilitators:
            return _("%(name)s is a facilitator of the cohort and cannot take part in it.") % {"name": person}
        is_ours = person.municipality_id == self.municipality.pk
        if not (person.is_active and is_ours):
            # Another municipality's people are not ours to name.
            return _("%(name)s does not work here.") % {"name": person if is_ours else row.email}
        return None

    def _title(self, row: Row) -> object | None:
        fits = len(row.job_title) <= LONGEST_TITLE
        return None if fits else _("A job title may be 120 letters at most.")

    def _unit(self, row: Row) -> object | None:
        known = not row.unit or row.unit.casefold() in self.units
        return None if known else _("There is no unit called “%(unit)s”.") % {"unit": row.unit}

    def _manager(self, row: Row) -> object | None:
        if not row.line_manager or row.line_manager in self.colleagues or row.line_manager in self.emails:
            return None
        return _("We do not know the line manager %(email)s.") % {"email": row.line_manager}

    def _cpr(self, row: Row) -> object | None:
        """There is never a CPR number here (MODEL §2)."""
        cells = (row.email, row.name, row.job_title, row.unit)
        return _("This looks like a CPR number. Take it out.") if any(map(has_cpr_like_number, cells)) else None


@transaction.atomic
def carry_out(found: DryRun, cohort: Cohort, *, by: User, now: datetime) -> int:
    """Make the people nobody knew, and invite everybody who is not on the cohort. Returns how many were invited.

    Raises Refusal, and leaves nothing behind, when the world has changed since the dry run. Sends nothing.
    """
    people = found.known | {row.email: _new_person(row, cohort.municipality) for row in found.new}
    _give_line_managers(found.new, people)
    for row in found.to_add:
        enrolments.invite(cohort, people[row.email], by=by, now=now)
    return len(found.to_add)


def _new_person(row: Row, municipality: Municipality) -> User:
    unit = OrgUnit.objects.filter(municipality=municipality, name__iexact=row.unit).first() if row.unit else None
    return User.objects.create_user(
        row.email, display_name=row.name, job_title=row.job_title, org_unit=unit, municipality=municipality
    )


def _give_line_managers(rows: list[Row], people: dict[str, User]) -> None:
    managers = {person.email: person for person in User.objects.filter(email__in=[row.line_manager for row in rows])}
    for row in rows:
        if row.line_manager:
            people[row.email].line_manager = managers[row.line_manager]
            people[row.email].save(update_fields=["line_manager", "updated_at"])
