from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.people.entity import Entity
from courseplatform.people.models.person import RoleAssignment, User


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def open(self) -> "DataRequestQuerySet":
        """Not done, not refused and not taken back."""
        return self.filter(state__in=DataRequest.OPEN)

    def for_desk(self, reader: User) -> "DataRequestQuerySet":
        """Those of people in a municipality where the reader is HR."""
        desks = RoleAssignment.objects.filter(person=reader, kind=RoleAssignment.Kind.HR)
        return self.filter(person__municipality__in=desks.values("municipality"))


class DataRequest(Entity):
    """What somebody asks of what is kept about them. Changed in `people/privacy/data_requests.py` only (MODEL §3).

    Kept after it is done: it says that it was done, on which day, and nothing of what it was about.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("to see it")
        EXPORT = "export", _("to get a copy")
        RECTIFY = "rectify", _("to correct it")
        ERASE = "erase", _("to erase it")
        RESTRICT = "restrict", _("to use it less")

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        IDENTIFIED = "identified", _("waits for HR")
        IN_PROGRESS = "in_progress", _("under way")
        FULFILLED = "fulfilled", _("fulfilled")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("taken back")

    OPEN = (State.RECEIVED, State.IDENTIFIED, State.IN_PROGRESS)

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_requests")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=11, choices=State, default=State.RECEIVED)
    received_at = models.DateTimeField()
    due_on = models.DateField()  # a month after it was received
    ended_at = models.DateTimeField(null=True, blank=True)
    ground = models.CharField(max_length=300, blank=True)  # the law that a refusal rests on, for the person to read

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"],
                condition=Q(state__in=["received", "identified", "in_progress"]),
                name="one_open_request_of_a_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
