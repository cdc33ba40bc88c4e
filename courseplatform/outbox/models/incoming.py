from django.db import models

from courseplatform.outbox.models.message import Message


class IncomingMail(models.Model):
    """One mail that came in, so that it counts once. Nothing of what it says is kept here."""

    class Kind(models.TextChoices):
        BOUNCE = "bounce"
        CALENDAR = "calendar"
        ANSWER = "answer"
        OTHER = "other"

    fingerprint = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole mail
    kind = models.CharField(max_length=8, choices=Kind)
    outcome = models.CharField(max_length=40)  # a word for an operator
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["received_at"], name="mail_came_in_at")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.outcome}"
