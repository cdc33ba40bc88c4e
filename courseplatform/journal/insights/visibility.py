"""Who may read a learning point: the only place that decides it (MODEL I5, I7, I8, §5)."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from courseplatform.journal.reflections.visibility import OVER, by_cohort, by_facilitated_group, by_own_group
from courseplatform.people.models import User

if TYPE_CHECKING:
    from courseplatform.journal.models import Insight  # noqa: F401


class InsightQuerySet(models.QuerySet["Insight"]):
    def by(self, person: User) -> "InsightQuerySet":
        """The person's own."""
        return self.filter(enrolment__person=person)

    def shared_with(self, person: User) -> "InsightQuerySet":
        """Others' that this person may read now: decided anew at every request (MODEL I7)."""
        if not person.is_active:
            return self.none()
        # The author's consent is the moment of sharing: the rules of the log go by that name.
        shared = self.alias(shared_at=F("consent_at")).filter(consent_at__isnull=False)
        # What nobody can open any more is not shown as if somebody could.
        others = shared.exclude(enrolment__person=person).exclude(enrolment__person__key__destroyed_at__isnull=False)
        return others.filter(_by_cohort_or_group(person) | _by_municipality(person))

    def visible_to(self, person: User) -> "InsightQuerySet":
        """The one way to read: the person's own, and what others share with them at this moment."""
        if not person.is_active:
            return self.none()
        own = Q(pk__in=self.by(person).values("pk"))
        return self.filter(own | Q(pk__in=self.shared_with(person).values("pk")))


def _by_cohort_or_group(person: User) -> Q:
    """As the log is shared; over when the cohort is."""
    readable = by_own_group(person) | by_facilitated_group(person) | by_cohort(person)
    return readable & ~Q(enrolment__cohort__state__in=OVER)


def _by_municipality(person: User) -> Q:
    """Everybody who can sign in there, HR and line managers too (MODEL §5); it outlives the cohort (MODEL §9)."""
    return Q(visibility="organisation", enrolment__cohort__municipality=person.municipality_id)
