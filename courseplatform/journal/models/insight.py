from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.insights.visibility import InsightQuerySet
from courseplatform.journal.models.experiment import Experiment
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class Insight(Entity):
    """A learning point: three lines that an experiment taught its author, theirs alone until they consent to share it.

    `sealed` holds `situation`, `did` and `now`. Not to be confused with the room `courseplatform/insights`.
    """

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Only me")
        GROUP = "group", _("My learning group")
        FACILITATOR = "facilitator", _("My learning group and our facilitator")
        COHORT = "cohort", _("The whole cohort")
        ORGANISATION = "organisation", _("The whole municipality")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="insights")
    experiment = models.OneToOneField(
        Experiment, null=True, blank=True, on_delete=models.SET_NULL, related_name="insight"
    )
    sealed = models.BinaryField()
    focus_area = models.CharField(max_length=64, blank=True)  # a key of its programme, where the author has chosen one
    edition = models.PositiveIntegerField(default=0)  # rises with every write of the author's
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.PRIVATE)
    consent_at = models.DateTimeField(null=True, blank=True)  # when the author agreed to the present readers

    objects = InsightQuerySet.as_manager()

    class Meta:
        verbose_name = _("learning point")
        verbose_name_plural = _("learning points")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(visibility="private", consent_at__isnull=True)
                | (~Q(visibility="private") & Q(consent_at__isnull=False)),
                name="an_insight_is_shared_by_consent",
            )
        ]
        indexes = [models.Index(fields=["-consent_at"], name="insights_by_consent")]

    def __str__(self) -> str:
        return f"insight {self.pk}"

    @property
    def author(self) -> User:
        return self.enrolment.person

    @property
    def is_shared(self) -> bool:
        """Whether anybody but the author may read it."""
        return self.visibility != self.Visibility.PRIVATE
