from django.conf import settings
from django.db import models

from courseplatform.cohorts.models.events import Workshop


class WorkshopLook(models.Model):
    """How a workshop stood when a person last looked, so that the page can say what has changed since.

    `seen` is of the visit before this one, `latest` of this one; both as `changes.facts_of` writes them.
    """

    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="looks")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen = models.JSONField(default=dict, blank=True)  # empty until the second visit
    latest = models.JSONField(default=dict)
    latest_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workshop", "person"], name="one_look_per_workshop_and_person")]

    def __str__(self) -> str:
        return f"look at {self.workshop_id}"


class Material(models.Model):
    """Something to open before, during or after a workshop: a title and an address, put there by those who run it."""

    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="materials")
    title = models.CharField(max_length=120)
    link = models.URLField(max_length=2000)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.title
