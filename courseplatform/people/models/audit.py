from typing import Any

from django.conf import settings
from django.db import models

from courseplatform.people.refusals import Refusal


class AuditEvent(models.Model):
    """Who looked at whose data, when and why. Append-only; never holds what somebody wrote (MODEL I17)."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="audit_events_about_me"
    )
    purpose = models.CharField(max_length=120, blank=True)
    ip_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["about", "-at"], name="audit_events_about_a_person")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_type}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Refusal when the event already stands."""
        if not self._state.adding:
            raise Refusal("An audit event is never changed.")
        super().save(*args, **kwargs)
