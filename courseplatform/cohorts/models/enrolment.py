from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity
from courseplatform.people.models import User

OF_A_PAGE = ("cohort__programme_version", "cohort__municipality", "person")


class EnrolmentQuerySet(Announcing["Enrolment"]):
    def open(self) -> "EnrolmentQuerySet":
        """Not ended."""
        return self.exclude(state__in=Enrolment.FINAL)

    def taking_part(self) -> "EnrolmentQuerySet":
        """People who belong to the cohort today: accepted, active, paused, and those who completed it."""
        return self.filter(state__in=Enrolment.TAKING_PART)

    def of(self, person: User) -> "EnrolmentQuerySet":
        """The person's own, in cohorts that are not cancelled or archived; the latest start first."""
        gone = [Cohort.State.CANCELLED, Cohort.State.ARCHIVED]
        return self.filter(person=person).exclude(cohort__state__in=gone).order_by("-cohort__starts_on", "pk")

    def followed_by(self, person: User) -> "EnrolmentQuerySet":
        """The cohorts the person takes part in, with all a page needs of them; the latest first."""
        return self.of(person).taking_part().select_related(*OF_A_PAGE)

    def been_on(self, person: User) -> "EnrolmentQuerySet":
        """The same with those that are over for the person, or for everybody: what they wrote there stays theirs."""
        own = self.filter(person=person).exclude(state__in=Enrolment.NEVER_THERE)
        return own.select_related(*OF_A_PAGE).order_by("-cohort__starts_on", "pk")


class Enrolment(Entity):
    """A person on a cohort. States change in `cohorts/transitions/` only (MODEL §3)."""

    class State(models.TextChoices):
        INVITED = "invited", _("invited")
        ACCEPTED = "accepted", _("accepted")
        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")
        DECLINED = "declined", _("declined")
        COMPLETED = "completed", _("completed")
        WITHDRAWN = "withdrawn", _("withdrawn")
        LEFT_ORGANISATION = "left_organisation", _("left the organisation")
        TRANSFERRED = "transferred", _("transferred")

    FINAL = (State.DECLINED, State.COMPLETED, State.WITHDRAWN, State.LEFT_ORGANISATION, State.TRANSFERRED)
    NEVER_THERE = (State.INVITED, State.DECLINED)
    TAKING_PART = (State.ACCEPTED, State.ACTIVE, State.PAUSED, State.COMPLETED)

    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=17, choices=State, default=State.INVITED)
    activated_at = models.DateTimeField(null=True, blank=True)
    paused_from = models.DateField(null=True, blank=True)
    paused_to = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    @property
    def is_over(self) -> bool:
        """Whether the person has left, or the cohort is cancelled or archived."""
        gone = (Cohort.State.CANCELLED, Cohort.State.ARCHIVED)
        return self.state not in self.TAKING_PART or self.cohort.state in gone

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            # MODEL I2
            models.UniqueConstraint(
                fields=["person", "cohort"],
                condition=Q(state__in=["invited", "accepted", "active", "paused"]),
                name="one_open_enrolment_per_person_and_cohort",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} – {self.cohort}"


class LessonProgress(Entity):
    """How far somebody is with a lesson, by their own word (MODEL I19). No row means not started.

    `paragraph` is where they left it, counted from 1 in the text as it is rendered; None for the beginning. `read_as`
    tells the text they read from a later one (`read_texts.as_read`); "" where nobody wrote it down.
    """

    class State(models.TextChoices):
        IN_PROGRESS = "in_progress", _("begun")
        DONE = "done", _("read")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="lesson_progress")
    lesson_key = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State, default=State.IN_PROGRESS)
    completed_at = models.DateTimeField(null=True, blank=True)
    paragraph = models.PositiveSmallIntegerField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    read_as = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "lesson_key"], name="progress_once_per_lesson")]

    def __str__(self) -> str:
        return f"{self.lesson_key}: {self.state}"
