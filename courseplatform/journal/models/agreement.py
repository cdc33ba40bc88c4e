from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import LearningGroup
from courseplatform.people.entity import Entity


class GroupAgreement(Entity):
    """One version of how a group works together (MODEL I14). It counts when everybody in the group has said yes.

    `LearningGroup.agreement` holds the text that counts now.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ADOPTED = "adopted", _("agreed")
        DROPPED = "dropped", _("dropped")

    group = models.ForeignKey(LearningGroup, on_delete=models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    adopted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["group", "version"], name="agreement_version_once_in_a_group"),
            models.UniqueConstraint(fields=["group"], condition=Q(state="proposed"), name="one_open_agreement_a_group"),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}"


class AgreementYes(Entity):
    """A member's yes to one version."""

    agreement = models.ForeignKey(GroupAgreement, on_delete=models.CASCADE, related_name="yeses")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agreement", "person"], name="one_yes_per_member")]

    def __str__(self) -> str:
        return f"yes {self.pk}"
