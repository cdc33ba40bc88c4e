from django.db import models


class DeliveryCount(models.Model):
    """How often something has happened, since ever and in all processes; a number for machines that watch."""

    name = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True)
    number = models.FloatField(default=0)  # whole, but for seconds

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "label"], name="one_count_of_a_kind")]

    def __str__(self) -> str:
        return f"{self.name} {self.label}: {self.number:g}"
