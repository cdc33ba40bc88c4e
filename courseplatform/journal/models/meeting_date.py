from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.people.entity import Entity


class DateProposal(Entity):
    """A time and a place that a member proposes for the group's meeting."""

    meeting = models.ForeignKey(GroupMeeting, on_delete=models.CASCADE, related_name="proposals")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(max_length=2000, blank=True)

    class Meta:
        ordering = ["starts_at", "created_at"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "starts_at"], name="a_start_is_proposed_once_a_meeting"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="proposal_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class DateAnswer(Entity):
    """What a proposed time is to one member; the last answer stands."""

    class Answer(models.TextChoices):
        YES = "yes", _("yes")
        IF_NEED_BE = "if_need_be", _("if need be")
        NO = "no", _("no")

    proposal = models.ForeignKey(DateProposal, on_delete=models.CASCADE, related_name="answers")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    answer = models.CharField(max_length=10, choices=Answer)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "enrolment"], name="one_answer_per_proposal")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
