from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class BackOff(models.Model):
    """Three questions in a row stayed open, so we ask less: a fortnight of quiet and one line (MODEL P7).

    HR is never told who.
    """

    class Choice(models.TextChoices):
        KEEP = "keep", _("as before")
        FEWER = "fewer", _("fewer")
        STOP = "stop", _("none")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    began_at = models.DateTimeField()
    quiet_until = models.DateField()  # the last quiet day, in the person's zone
    choice = models.CharField(max_length=5, choices=Choice, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(decided_at__isnull=True), name="one_open_back_off_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"quiet until {self.quiet_until}"
