from django.conf import settings
from django.db import models


class CalendarFeed(models.Model):
    """Somebody's own calendar to subscribe to. There is none until they ask for it; each `turn` has its own address."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    is_on = models.BooleanField(default=True)
    turn = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"calendar of {self.person_id}"
