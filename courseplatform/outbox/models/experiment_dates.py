from django.db import models

from courseplatform.cohorts.models import Enrolment


class ExperimentDates(models.Model):
    """When somebody's own experiment begins and ends. It stands in the place of its round's weeks (MODEL §13).

    The journal says the days and nothing else of it; a day that is None asks for no message.
    """

    object_id = models.UUIDField(primary_key=True)  # the experiment, as occurrence keys call it
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="experiment_dates")
    round_key = models.CharField(max_length=64, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.object_id)
