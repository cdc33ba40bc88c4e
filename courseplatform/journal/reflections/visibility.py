"""Who may read a reflection: the only place that decides it (MODEL I5–I8, §5)."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMembership, LearningGroup
from courseplatform.people.models import User

if TYPE_CHECKING:
    from courseplatform.journal.models import Reflection  # noqa: F401

# "organisation" is a level of learning points alone (insights/visibility.py), which share these rules.
COHORT_LEVELS = ("cohort", "organisation")
FACILITATOR_LEVELS = ("facilitator", *COHORT_LEVELS)
GROUP_LEVELS = ("group", *FACILITATOR_LEVELS)
OVER = (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def by(self, person: User) -> "ReflectionQuerySet":
        """The person's own, drafts too, deleted ones not."""
        return self.filter(author=person).exclude(state="deleted")

    def shared_with(self, person: User) -> "ReflectionQuerySet":
        """Others' saved entries that this person may read now: decided anew at every request (MODEL I7)."""
        if not person.is_active:
            return self.none()
        readable = by_own_group(person) | by_facilitated_group(person) | by_cohort(person)
        standing = self.filter(state="saved").exclude(author=person).exclude(enrolment__cohort__state__in=OVER)
        # What nobody can open any more is not shown as if somebody could.
        return standing.exclude(author__key__destroyed_at__isnull=False).filter(readable)

    def visible_to(self, person: User) -> "ReflectionQuerySet":
        """The one way to read: the person's own, and what others share with them at this moment."""
        if not person.is_active:
            return self.none()
        own = Q(pk__in=self.by(person).values("pk"))
        return self.filter(own | Q(pk__in=self.shared_with(person).values("pk")))


def by_own_group(person: User) -> Q:
    """Author and reader are in the same group now, and it was shared after the reader joined (MODEL I8)."""
    return Q(visibility__in=GROUP_LEVELS) & in_authors_group(person, joined_at__lte=OuterRef("shared_at"))


def by_facilitated_group(person: User) -> Q:
    """The reader facilitates the author's group."""
    return Q(visibility__in=FACILITATOR_LEVELS) & facilitates_authors_group(person)


def in_authors_group(person: User, **stay: Any) -> Q:
    """The reader takes part and is in the author's group now, with a membership as in `stay`."""
    authors_group = GroupMembership.objects.filter(enrolment=OuterRef(OuterRef("enrolment")), left_at=None)
    readers_stay = GroupMembership.objects.filter(
        enrolment__person=person,
        enrolment__state__in=Enrolment.TAKING_PART,
        left_at=None,
        group__in=authors_group.values("group"),
        **stay,
    )
    return Q(Exists(readers_stay))


def facilitates_authors_group(person: User) -> Q:
    """The reader facilitates the author's present group, and still the cohort it belongs to."""
    groups = LearningGroup.objects.filter(
        facilitator=person,
        cohort__facilitators=person,
        memberships__enrolment=OuterRef("enrolment"),
        memberships__left_at=None,
    )
    return Q(Exists(groups))


def by_cohort(person: User) -> Q:
    """The reader takes part in the same cohort."""
    peers = Enrolment.objects.filter(
        person=person, cohort=OuterRef("enrolment__cohort"), state__in=Enrolment.TAKING_PART
    )
    return Q(visibility__in=COHORT_LEVELS, shared_at__isnull=False) & Q(Exists(peers))
