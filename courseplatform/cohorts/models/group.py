from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.cohorts.models.enrolment import Enrolment
from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity


class LearningGroup(Entity):
    """Four to eight participants who meet as peers (MODEL I3, I4)."""

    class State(models.TextChoices):
        FORMING = "forming", _("forming")
        ACTIVE = "active", _("active")
        CLOSED = "closed", _("closed")

    SMALLEST, LARGEST = 4, 8

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.FORMING)
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="facilitated_groups"
    )
    agreement = models.TextField(_("group agreement"), blank=True)

    class Meta:
        verbose_name = _("learning group")
        verbose_name_plural = _("learning groups")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["cohort", "name"], name="group_name_once_in_a_cohort")]

    def __str__(self) -> str:
        return self.name


class GroupMembership(Entity):
    """A stay in a learning group. What was shared before it began stays hidden from the newcomer (MODEL I8)."""

    group = models.ForeignKey(LearningGroup, on_delete=models.CASCADE, related_name="memberships")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="group_memberships")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = Announcing.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(left_at__isnull=True), name="one_current_group_per_enrolment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person} – {self.group}"
