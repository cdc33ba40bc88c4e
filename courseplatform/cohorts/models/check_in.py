from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models.enrolment import Enrolment
from courseplatform.cohorts.models.events import Attendance, Workshop
from courseplatform.people.entity import Entity


class CheckIn(Entity):
    """Somebody turned up: once for each seat. Nothing of where they were or with what they scanned."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="check_ins")
    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="check_ins")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_ins")
    scanned_at = models.DateTimeField()  # when the code was read, however long signing in took
    is_early = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("check-in")
        verbose_name_plural = _("check-ins")
        constraints = [models.UniqueConstraint(fields=["enrolment", "workshop"], name="check_in_once_per_seat")]

    def __str__(self) -> str:
        return f"{self.workshop}: {self.scanned_at:%H:%M}"


class AttendanceNote(Entity):
    """What was noted about an attendance, by whom (`created_by`) and, for a correction, why. Append-only."""

    attendance = models.ForeignKey(Attendance, on_delete=models.CASCADE, related_name="notes")
    before = models.CharField(max_length=8, choices=Attendance.Outcome)
    outcome = models.CharField(max_length=8, choices=Attendance.Outcome)
    reason = models.CharField(max_length=300, blank=True)
    noted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("note on attendance")
        verbose_name_plural = _("notes on attendance")
        ordering = ["noted_at"]

    def __str__(self) -> str:
        return f"{self.before} → {self.outcome}"
