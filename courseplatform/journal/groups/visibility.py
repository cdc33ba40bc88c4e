"""Who may read what was said at a group meeting: the only place that decides it (MODEL I8, §5)."""

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from courseplatform.cohorts.models import Enrolment, GroupMembership, LearningGroup
from courseplatform.journal.reflections.visibility import OVER
from courseplatform.people.models import User


class MeetingTextQuerySet(models.QuerySet[Any]):
    def by(self, person: User) -> Self:
        """The person's own, wherever they are now: to change, to take away, to take along."""
        return self.filter(author=person)

    def visible_to(self, person: User) -> Self:
        """The person's own; those of the group they are in; and those of a meeting they were invited to.

        Decided anew at every request. A text follows its author: who has left the group takes it along.
        """
        if not person.is_active:
            return self.none()
        standing = self.exclude(meeting__group__cohort__state__in=OVER).exclude(author__key__destroyed_at__isnull=False)
        return standing.filter(Q(author=person) | (_author_is_here() & (_by_member(person) | _by_facilitator(person))))


def _author_is_here() -> Q:
    stay = GroupMembership.objects.filter(enrolment=OuterRef("enrolment"), group=OuterRef("meeting__group"))
    return Q(Exists(stay.filter(left_at=None)))


def _by_member(person: User) -> Q:
    """The reader is in the meeting's group now, and was when it was written (MODEL I8)."""
    stay = GroupMembership.objects.filter(
        group=OuterRef("meeting__group"),
        enrolment__person=person,
        enrolment__state__in=Enrolment.TAKING_PART,
        left_at=None,
        joined_at__lte=OuterRef("written_at"),
    )
    return Q(Exists(stay))


def _by_facilitator(person: User) -> Q:
    """The reader facilitates the group, and had been invited to this meeting when it was written."""
    facilitated = LearningGroup.objects.filter(
        pk=OuterRef("meeting__group"), facilitator=person, cohort__facilitators=F("facilitator")
    )
    invited = Q(
        meeting__facilitator_invitation__is_invited=True,
        meeting__facilitator_invitation__invited_at__lte=F("written_at"),
    )
    return invited & Q(Exists(facilitated))
