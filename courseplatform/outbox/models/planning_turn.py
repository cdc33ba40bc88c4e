from django.db import models

from courseplatform.cohorts.models import Cohort


class PlanningTurn(models.Model):
    """When a cohort's messages have to be looked at next: something enters the horizon then, or changes by itself.

    Its lock is what one planner holds against another; nobody else writes it. Changes come as `PlanningRequest`.
    """

    cohort = models.OneToOneField(Cohort, primary_key=True, on_delete=models.CASCADE, related_name="planning_turn")
    plan_at = models.DateTimeField(db_index=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row; an operator must look
    trouble = models.CharField(max_length=80, blank=True)  # what kind of error it was, never its text

    def __str__(self) -> str:
        return f"{self.cohort_id} at {self.plan_at}"


class PlanningRequest(models.Model):
    """Something about a cohort has changed, so its messages must be looked at again.

    Only ever added, in the transaction of the change, and taken away by the planner that has looked: nobody waits for
    a lock, and a change that comes while its cohort is being planned is not lost.
    """

    cohort_id = models.UUIDField()  # without a foreign key: checking one would wait for whoever locks the cohort

    def __str__(self) -> str:
        return str(self.cohort_id)
