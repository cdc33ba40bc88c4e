from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMeeting, Workshop
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class MessageQuerySet(models.QuerySet["Message"]):
    def of(self, person: User) -> "MessageQuerySet":
        """Addressed to that person."""
        return self.filter(person=person)

    def waiting(self) -> "MessageQuerySet":
        """Not in a final state."""
        return self.filter(state__in=[Message.State.DUE, Message.State.CLAIMED])

    def due(self, now: datetime, *priorities: int) -> "MessageQuerySet":
        """What a sender may take at that instant, of these priorities or of all."""
        may_go = Q(not_before__isnull=True) | Q(not_before__lte=now)
        # All of them by name, too: only so is the index, which begins with the priority, asked a few short questions.
        wanted = priorities or Message.PRIORITIES
        return self.filter(may_go, state=Message.State.DUE, priority__in=wanted, due_at__lte=now)

    def asked_by(self, now: datetime) -> "MessageQuerySet":
        """What has reached its reader; for whom no mail arrives the page has it from the time it was to be sent."""
        came = Q(state__in=[Message.State.SENT, Message.State.MERGED, Message.State.BOUNCED, Message.State.FAILED])
        return self.filter(came | Q(state=Message.State.SUPPRESSED, reason="undeliverable", due_at__lte=now))

    def unanswered(self) -> "MessageQuerySet":
        """Arrived, and neither answered nor waved away."""
        arrived = [Message.State.SENT, Message.State.MERGED]
        return self.filter(state__in=arrived, answered_at__isnull=True, dismissed_at__isnull=True)


class Message(Entity):
    """One recipient, one occurrence, one channel: the plan, the outbox and the proof at once (DELIVERY §§3–4).

    Answers are kept elsewhere; nothing here tells what anybody wrote.
    """

    class State(models.TextChoices):
        DUE = "due", _("planned")
        CLAIMED = "claimed", _("on its way")
        SENT = "sent", _("sent")
        BOUNCED = "bounced", _("came back")
        FAILED = "failed", _("could not be delivered")
        SUPPRESSED = "suppressed", _("held back")
        CANCELLED = "cancelled", _("cancelled")
        MERGED = "merged", _("sent together with another")
        HELD = "held", _("waits for a decision")

    class Channel(models.TextChoices):
        EMAIL = "email", _("e-mail")
        CALENDAR = "calendar", _("calendar")
        IN_APP = "in_app", _("on the page")

    class Kind(models.TextChoices):
        CONVERSATION = "conversation", _("conversation")
        REMINDER = "reminder", _("reminder")
        SURVEY = "survey", _("survey")
        PROMPT = "prompt", _("question")
        EVENT = "event", _("calendar")
        WELCOME = "welcome", _("welcome")
        BACK_OFF = "back_off", _("a word about the questions")
        REPLY = "reply", _("a word about a reply by e-mail")

    BETWEEN_US = (
        Kind.BACK_OFF,
        Kind.REPLY,
    )  # HR is told of none: each says what its person has done or left (MODEL P7)

    EVENT_CHANGE, EVENT_REMINDER, THE_REST = PRIORITIES = (0, 1, 2)

    # A year is a hundred million rows: no index of its own where another begins with the column, or nobody asks for it.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="messages", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind)  # the rules' “class”
    template = models.CharField(max_length=80)  # the prompt's key in the version, or one of our own
    template_version = models.CharField(max_length=64)  # digest of the programme version it was planned from
    occurrence_key = models.CharField(max_length=200)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    workshop = models.ForeignKey(
        Workshop, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", db_index=False
    )
    meeting = models.ForeignKey(
        GroupMeeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages", db_index=False
    )
    is_follow_up = models.BooleanField(default=False)
    event_digest = models.CharField(max_length=16, blank=True)  # calendar mail: the time and place it tells of

    priority = models.PositiveSmallIntegerField(default=THE_REST)
    local_at = models.DateTimeField()  # wall time in `tzid`, stored as if it were UTC
    tzid = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    reason = models.CharField(max_length=40, blank=True)  # suppressed, cancelled, failed, held: a word of `reasons.py`
    claim = models.PositiveBigIntegerField(null=True, blank=True)
    claim_pos = models.PositiveIntegerField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)
    maybe_sent = models.BooleanField(default=False)
    generation = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    reply_code = models.PositiveSmallIntegerField(null=True, blank=True)
    reply_enhanced = models.CharField(max_length=12, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )

    answered_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # MODEL I11: the database refuses the second one, not only the planner.
            models.UniqueConstraint(fields=["enrolment", "template", "occurrence_key", "channel"], name="message_once")
        ]
        indexes = [
            models.Index(fields=["priority", "due_at", "id"], condition=Q(state="due"), name="messages_due"),
            models.Index(fields=["claim"], condition=Q(state="claimed"), name="messages_claimed"),
            models.Index(fields=["person", "due_at"], name="messages_of_a_person"),
            models.Index(fields=["due_at", "id"], condition=Q(state__in=["held", "failed"]), name="messages_in_need"),
            # Most are about no event, and travel in no other's mail.
            models.Index(fields=["workshop"], condition=Q(workshop__isnull=False), name="messages_of_a_workshop"),
            models.Index(fields=["meeting"], condition=Q(meeting__isnull=False), name="messages_of_a_meeting"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="messages_in_a_mail"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.occurrence_key}"

    @property
    def base_template(self) -> str:
        """The prompt's key, also where the line manager has a message of their own about it."""
        return self.template.removesuffix(".sponsor")

    @property
    def anchor(self) -> str:
        """What it counts from, as the rules call it: a module's key, an event's id, the programme's start."""
        return self.occurrence_key.partition(":")[0]

    @property
    def is_for_sponsor(self) -> bool:
        """Addressed to the participant's line manager (MODEL: sponsor). Calendar mail to another is to a colleague."""
        return self.kind != self.Kind.EVENT and self.person_id != self.enrolment.person_id

    @property
    def message_id(self) -> str:
        """RFC 5322 Message-ID: derived, the same at every attempt (MODEL P9)."""
        return f"<m{self.pk.hex}.{self.generation}@{settings.MAIL_DOMAIN}>"


class WeeklyCount(models.Model):
    """How many mails a person has had in one ISO week, across cohorts (MODEL P5)."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    iso_year = models.PositiveSmallIntegerField()
    iso_week = models.PositiveSmallIntegerField()
    mails = models.PositiveSmallIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "iso_year", "iso_week"], name="one_count_per_person_and_week")
        ]

    def __str__(self) -> str:
        return f"{self.iso_year}-W{self.iso_week:02}: {self.mails}"
