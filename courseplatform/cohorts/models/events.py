from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.cohorts.models.enrolment import Enrolment
from courseplatform.cohorts.models.group import LearningGroup
from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity


class Event(Entity):
    """What stands in people's calendars. `ics_uid` never changes and `ics_sequence` only rises (MODEL I13)."""

    key = models.CharField(max_length=64)  # the version's workshop or group meeting
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    link = models.URLField(_("link"), max_length=2000, blank=True)  # meeting rooms have long addresses
    state_reason = models.CharField(max_length=300, blank=True)
    move_generation = models.PositiveSmallIntegerField(default=0)
    ics_uid = models.CharField(max_length=200, unique=True, editable=False)
    ics_sequence = models.PositiveIntegerField(default=0)

    objects = Announcing.as_manager()

    class Meta:
        abstract = True


class Workshop(Event):
    """A day for the whole cohort. Title, aims and format come from the cohort's version by `key`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("cancelled")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="workshops")
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    seats = models.PositiveSmallIntegerField(_("seats"), null=True, blank=True)  # None: room for everybody

    class Meta:
        verbose_name = _("workshop")
        verbose_name_plural = _("workshops")
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="workshop_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.cohort}: {self.key}"


class GroupMeeting(Event):
    """A learning group's meeting; without `starts_at` the group has not picked its day yet."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("no day yet")
        SCHEDULED = "scheduled", _("scheduled")
        HELD = "held", _("held")
        CANCELLED = "cancelled", _("cancelled")

    group = models.ForeignKey(LearningGroup, on_delete=models.CASCADE, related_name="meetings")
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)

    class Meta:
        verbose_name = _("group meeting")
        verbose_name_plural = _("group meetings")
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="meeting_once_per_group")]

    def __str__(self) -> str:
        return f"{self.group}: {self.key}"


class Attendance(Entity):
    """One person's answer to one event, and later whether they, or the colleague they sent, came."""

    class Response(models.TextChoices):
        NONE = "none", _("no answer")
        ACCEPTED = "accepted", _("yes")
        TENTATIVE = "tentative", _("perhaps")
        DECLINED = "declined", _("cannot come")
        WAITING = "waiting", _("on the waiting list")  # said yes when the seats were taken; the first is next

    class Outcome(models.TextChoices):
        UNKNOWN = "unknown", _("not noted")
        ATTENDED = "attended", _("was there")
        PART = "part", _("there for part of it")
        EXCUSED = "excused", _("excused")
        ABSENT = "absent", _("absent")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="attendances")
    workshop = models.ForeignKey(Workshop, null=True, blank=True, on_delete=models.CASCADE, related_name="attendances")
    meeting = models.ForeignKey(
        GroupMeeting, null=True, blank=True, on_delete=models.CASCADE, related_name="attendances"
    )
    response = models.CharField(max_length=9, choices=Response, default=Response.NONE)
    responded_at = models.DateTimeField(null=True, blank=True)
    seat_given_at = models.DateTimeField(null=True, blank=True)  # when the waiting ended
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.UNKNOWN)
    # What they said to another time, before a move: it counts again where the event is back there.
    earlier_response = models.CharField(max_length=9, choices=Response, default=Response.NONE)
    earlier_responded_at = models.DateTimeField(null=True, blank=True)
    earlier_seat_given_at = models.DateTimeField(null=True, blank=True)
    earlier_starts_at = models.DateTimeField(null=True, blank=True)
    earlier_ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(workshop__isnull=False, meeting__isnull=True)
                | Q(workshop__isnull=True, meeting__isnull=False),
                name="attendance_is_for_one_event",
            ),
            models.UniqueConstraint(fields=["enrolment", "workshop"], name="attendance_once_per_workshop"),
            models.UniqueConstraint(fields=["enrolment", "meeting"], name="attendance_once_per_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}: {self.response}/{self.outcome}"
