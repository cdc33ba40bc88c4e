from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.journal.groups.visibility import MeetingTextQuerySet
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class MeetingRun(Entity):
    """Where a group meeting is in its agenda. Every step is compare-and-set on `edition` (groups/meeting_runner.py).

    `begun_for` is the start the meeting had when it was begun: another one means that it has been moved since.
    """

    meeting = models.OneToOneField(GroupMeeting, on_delete=models.CASCADE, related_name="run")
    begun_at = models.DateTimeField()
    begun_for = models.DateTimeField()
    present = models.ManyToManyField(Enrolment, related_name="+")
    process_keeper = models.ForeignKey(Enrolment, null=True, on_delete=models.SET_NULL, related_name="kept_meetings")
    step = models.PositiveSmallIntegerField(default=0)
    step_began_at = models.DateTimeField()
    extra_minutes = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_for = models.DurationField(default=timedelta)  # in this step, before the present pause
    edition = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"run {self.pk}"


class MeetingTurn(Entity):
    """Who presents in which turn; nobody yet once they have left the group."""

    run = models.ForeignKey(MeetingRun, on_delete=models.CASCADE, related_name="turns")
    number = models.PositiveSmallIntegerField()
    presenter = models.ForeignKey(Enrolment, null=True, on_delete=models.SET_NULL, related_name="presented_turns")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="turn_number_once_a_meeting")]

    def __str__(self) -> str:
        return f"turn {self.pk}"


class MeetingText(Entity):
    """What somebody said at a meeting, sealed with their own key (`groups/meeting_texts.py`). Read by `visible_to`."""

    meeting = models.ForeignKey(GroupMeeting, on_delete=models.CASCADE, related_name="%(class)ss")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="%(class)ss")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="%(class)ss")
    sealed = models.BinaryField()
    written_at = models.DateTimeField()

    objects = MeetingTextQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["written_at"]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class Commitment(MeetingText):
    """What a member will do before the next meeting. It comes back there, to be told about and not to be judged."""

    class Outcome(models.TextChoices):
        UNTOLD = "untold", _("not told yet")
        KEPT = "kept", _("it happened")
        PARTLY = "partly", _("some of it happened")
        NOT = "not", _("something else happened")

    outcome = models.CharField(max_length=6, choices=Outcome, default=Outcome.UNTOLD)
    told_at = models.DateTimeField(null=True, blank=True)


class MeetingNote(MeetingText):
    """A line that a member wanted the group to keep."""


class FacilitatorInvitation(Entity):
    """Whether the group wants its facilitator at one meeting. Without a row: at the first two, and not after them.

    What was written before `invited_at` was written for the group alone, and stays so.
    """

    meeting = models.OneToOneField(GroupMeeting, on_delete=models.CASCADE, related_name="facilitator_invitation")
    is_invited = models.BooleanField()
    invited_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"invitation {self.pk}"
