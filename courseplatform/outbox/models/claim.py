from uuid import uuid4

from django.db import models


class Claim(models.Model):
    """One batch in flight. Its id is the fence: who settles without it settles nothing (DELIVERY §5)."""

    worker = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    open = models.BooleanField(default=True)
    doubted_at = models.DateTimeField(null=True, blank=True)  # run out by a clock that may have jumped; until it beats

    class Meta:
        indexes = [models.Index(fields=["lease_until"], condition=models.Q(open=True), name="claims_in_flight")]

    def __str__(self) -> str:
        return f"claim {self.pk} of {self.worker}"


class Pulse(models.Model):
    """One row: when each tick last ran (UTC). Health is this stamp and the lag, never “process up”."""

    planned_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    reaped_at = models.DateTimeField(null=True, blank=True)
    catching_up_since = models.DateTimeField(null=True, blank=True)  # after a standstill, until the backlog is gone
    stopped_at = models.DateTimeField(null=True, blank=True)  # nothing is sent until an operator says so
    stopped_because = models.CharField(max_length=40, blank=True)
    database = models.UUIDField(default=uuid4)  # the same in every copy of this database, and in no other
    zone_rules = models.CharField(max_length=20, blank=True)  # version of tzdata that waiting messages were planned by

    def __str__(self) -> str:
        return f"dispatched {self.dispatched_at}"
