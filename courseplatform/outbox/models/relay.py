from django.db import models


class Relay(models.Model):
    """One mail server as all senders know it: whether it answers, and how much it still takes (DELIVERY §9)."""

    name = models.CharField(max_length=255, primary_key=True)  # host:port
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    open_until = models.DateTimeField(null=True, blank=True)  # the breaker: nobody tries before
    tokens = models.FloatField(default=0)  # mails that may go at once
    filled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
