"""Who may read a peer's question: the only place that decides it (MODEL I7, I8, §5)."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from courseplatform.cohorts.models import Enrolment, GroupMembership
from courseplatform.journal.models.experiment import Experiment
from courseplatform.journal.models.project import Project
from courseplatform.journal.models.reflection import Reflection
from courseplatform.people.models import User

if TYPE_CHECKING:
    from courseplatform.journal.models import PeerQuestion  # noqa: F401

OF_THE_TEXT = Coalesce("reflection__enrolment", "wording__project__enrolment", "experiment__enrolment")


class PeerQuestionQuerySet(models.QuerySet["PeerQuestion"]):
    def by(self, person: User) -> "PeerQuestionQuerySet":
        """What the person has asked, also about texts they can no longer read, and what they took back."""
        return self.filter(author=person)

    def to(self, person: User) -> "PeerQuestionQuerySet":
        """What stands beside a text of the person's, by whomever."""
        return self._standing().filter(_about_texts_of(person)).exclude(reflection__state="deleted")

    def answered_by(self, person: User) -> "PeerQuestionQuerySet":
        """What the person has answered, also where the question has been taken back."""
        return self.filter(_about_texts_of(person), answered_at__isnull=False)

    def answered_for(self, person: User) -> "PeerQuestionQuerySet":
        """What the person has asked, and has an answer to that they can open now."""
        return self.by(person)._standing().filter(_text_is_open_to(person), answered_at__isnull=False)

    def among_peers(self, person: User) -> "PeerQuestionQuerySet":
        """What others were asked in a group the person is in, about texts they may read now."""
        standing = self._standing().alias(of_the_text=OF_THE_TEXT)
        return standing.filter(_text_is_open_to(person), _author_is_still_there(), _reader_was_there(person))

    def visible_to(self, person: User) -> "PeerQuestionQuerySet":
        """The one way to read: one's own, those about one's own texts, and those of the group. Decided anew each time.

        A facilitator who may read the text reads none of them but their own: they were asked within the group.
        """
        if not person.is_active:
            return self.none()
        rows = [self.by(person), self.to(person), self.among_peers(person)]
        found = Q(pk__in=[])
        for one in rows:
            found |= Q(pk__in=one.values("pk"))
        return self.filter(found)

    def _standing(self) -> "PeerQuestionQuerySet":
        """Not taken back. What nobody can open any more is not shown as if somebody could."""
        return self.filter(withdrawn_at=None).exclude(author__key__destroyed_at__isnull=False)


def _about_texts_of(person: User) -> Q:
    of_their_own = Q(wording__project__enrolment__person=person) | Q(experiment__enrolment__person=person)
    return Q(reflection__author=person) | of_their_own


def _text_is_open_to(person: User) -> Q:
    entries = Reflection.objects.shared_with(person).values("pk")
    projects = Project.objects.shown_to(person).values("pk")
    experiments = Experiment.objects.opened_to(person).values("pk")
    asked = Q(wording__is_current=True, wording__project__in=projects)
    return Q(reflection__in=entries) | asked | Q(experiment__in=experiments)


def _author_is_still_there() -> Q:
    """Whose text it is, is in the group where it was asked."""
    stay = GroupMembership.objects.filter(enrolment=OuterRef("of_the_text"), group=OuterRef("group"), left_at=None)
    return Q(Exists(stay))


def _reader_was_there(person: User) -> Q:
    """The reader is in that group now, and was when it was asked."""
    stay = GroupMembership.objects.filter(
        enrolment__person=person,
        enrolment__state__in=Enrolment.TAKING_PART,
        group=OuterRef("group"),
        left_at=None,
        joined_at__lte=OuterRef("asked_at"),
    )
    return Q(Exists(stay))
