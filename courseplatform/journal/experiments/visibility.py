"""Who may see a question and an experiment: the only place that decides it (MODEL §5, I7, I8).

The own group and its facilitator see the question, an experiment's title and how far it is. What the plan says and what
was seen is for its author, and for those they share it with. HR sees numbers, the line manager nothing.
"""

from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.db.models import Q

from courseplatform.journal.reflections.visibility import (
    OVER,
    by_cohort,
    by_facilitated_group,
    by_own_group,
    facilitates_authors_group,
    in_authors_group,
)
from courseplatform.people.models import User

if TYPE_CHECKING:
    from courseplatform.journal.models import Experiment, Project  # noqa: F401

Rows = TypeVar("Rows", "ProjectQuerySet", "ExperimentQuerySet")
ASKED = ("framed", "in_progress", "concluded")
UNDERWAY = ("planned", "running", "done", "stopped", "reflected")


class ProjectQuerySet(models.QuerySet["Project"]):
    def by(self, person: User) -> "ProjectQuerySet":
        """The person's own."""
        return self.filter(enrolment__person=person)

    def shown_to(self, person: User) -> "ProjectQuerySet":
        """Others' projects whose current question this person may read now."""
        readable = in_authors_group(person) | facilitates_authors_group(person)
        return _of_others(self, person).filter(readable, state__in=ASKED)

    def visible_to(self, person: User) -> "ProjectQuerySet":
        """The one way to read: the person's own, and the present questions of their group."""
        return _own_or(self, self.by(person), self.shown_to(person), person)


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def by(self, person: User) -> "ExperimentQuerySet":
        """The person's own."""
        return self.filter(enrolment__person=person)

    def shown_to(self, person: User) -> "ExperimentQuerySet":
        """Others' experiments whose title and state this person may see now."""
        readable = in_authors_group(person) | facilitates_authors_group(person) | by_cohort(person)
        return _of_others(self, person).filter(readable, state__in=UNDERWAY)

    def visible_to(self, person: User) -> "ExperimentQuerySet":
        """The one way to find them: the person's own, and others' as far as title and state go."""
        return _own_or(self, self.by(person), self.shown_to(person), person)

    def opened_to(self, person: User) -> "ExperimentQuerySet":
        """Of these, the ones whose plan and observations the person may read: their own, and what is shared."""
        shared = self.shown_to(person).filter(by_own_group(person) | by_facilitated_group(person))
        return _own_or(self, self.by(person), shared, person)


def _of_others(rows: Rows, person: User) -> Rows:
    if not person.is_active:
        return rows.none()
    standing = rows.exclude(enrolment__person=person).exclude(enrolment__cohort__state__in=OVER)
    # What nobody can open any more is not shown as if somebody could.
    return standing.exclude(enrolment__person__key__destroyed_at__isnull=False)


def _own_or(rows: Rows, own: Rows, others: Rows, person: User) -> Rows:
    if not person.is_active:
        return rows.none()
    return rows.filter(Q(pk__in=own.values("pk")) | Q(pk__in=others.values("pk")))
