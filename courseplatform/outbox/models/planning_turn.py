from django.db import models

from courseplatform.cohorts.models import Cohort


class PlanningTurn(models.Model):
    """When a cohort's messages have to be looked at next: something enters the horizon then, or its rules changed."""

    cohort = models.OneToOneField(Cohort, primary_key=True, on_delete=models.CASCADE, related_name="planning_turn")
    plan_at = models.DateTimeField(db_index=True)
    planned_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.cohort_id} at {self.plan_at}"
