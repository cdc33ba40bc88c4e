from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.reflections.visibility import ReflectionQuerySet
from courseplatform.outbox.models import Message
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class Reflection(Entity):
    """A dated entry in somebody's log. Private until its author shares it (MODEL I5–I8).

    `sealed` holds the fields as sealed JSON, which `entries.fields_of` opens. Others read only through `visible_to`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SAVED = "saved", _("saved")
        DELETED = "deleted", _("deleted")

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Only me")
        GROUP = "group", _("My learning group")
        FACILITATOR = "facilitator", _("My learning group and our facilitator")
        COHORT = "cohort", _("The whole cohort")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="reflections")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reflections")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="reflections")
    experiment = models.ForeignKey(
        "journal.Experiment", null=True, blank=True, on_delete=models.SET_NULL, related_name="reflections"
    )
    prompt_key = models.CharField(max_length=64, blank=True)
    model_key = models.CharField(max_length=64, default="free")
    sealed = models.BinaryField()
    sealed_draft = models.BinaryField(null=True, blank=True)  # an edit of a saved entry that is not finished yet
    edition = models.PositiveIntegerField(default=0)  # rises with every write, so that two devices never lose a text
    occurred_on = models.DateField()
    visibility = models.CharField(max_length=11, choices=Visibility, default=Visibility.PRIVATE)
    shared_at = models.DateTimeField(null=True, blank=True)  # set anew at every widening
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    saved_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    takes_questions = models.BooleanField(default=True)  # its author may close it for the group's questions

    objects = ReflectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("reflection")
        verbose_name_plural = _("reflections")
        ordering = ["-occurred_on", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["message"], condition=~models.Q(state="deleted"), name="one_living_answer_per_message"
            )
        ]
        indexes = [
            models.Index(fields=["deleted_at"], condition=models.Q(state="deleted"), name="reflections_to_erase"),
            models.Index(fields=["author", "-occurred_on"], name="reflections_of_an_author"),
        ]

    def __str__(self) -> str:
        return f"reflection {self.pk}"

    @property
    def is_shared(self) -> bool:
        """Whether anybody but the author may read it."""
        return self.state == self.State.SAVED and self.visibility != self.Visibility.PRIVATE


class ReflectionRevision(models.Model):
    """What an entry said before it was edited: for its author only."""

    reflection = models.ForeignKey(Reflection, on_delete=models.CASCADE, related_name="revisions")
    sealed = models.BinaryField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at"]

    def __str__(self) -> str:
        return f"revision of {self.reflection_id}"
