from django.db import models

from courseplatform.cohorts.models import Cohort


class Outage(models.Model):
    """What a standstill of the delivery meant for one cohort; HR reads it once, instead of a line per message (S7)."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="outages")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    late = models.PositiveIntegerField(default=0)  # messages that went, or go, later than promised
    held_back = models.PositiveIntegerField(default=0)  # messages whose time had passed
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cohort", "began_at"], name="one_report_per_outage")]

    def __str__(self) -> str:
        return f"{self.began_at} to {self.ended_at}"
