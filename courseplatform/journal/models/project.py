from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.visibility import ProjectQuerySet
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class Project(Entity):
    """What somebody works on during the programme. `sealed` holds `title`, and at the end `answer` or `reason`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not asked yet")
        FRAMED = "framed", _("the question is asked")
        IN_PROGRESS = "in_progress", _("being tried")
        CONCLUDED = "concluded", _("answered")
        ABANDONED = "abandoned", _("let go")

    CURRENT = (State.DRAFT, State.FRAMED, State.IN_PROGRESS)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="projects")
    state = models.CharField(max_length=11, choices=State, default=State.DRAFT)
    sealed = models.BinaryField()
    sealed_draft = models.BinaryField(null=True, blank=True)  # what is being written on the way to the next question
    edition = models.PositiveIntegerField(default=0)  # rises with every write of the author's
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment"], condition=Q(state__in=["draft", "framed", "in_progress"]), name="one_project_now"
            )
        ]

    def __str__(self) -> str:
        return f"project {self.pk}"

    @property
    def author(self) -> User:
        return self.enrolment.person


class InquiryQuestion(Entity):
    """One wording of the project's question. `sealed` holds `text` and `note`: what made the author change it.

    Earlier ones stay readable to their author (MODEL I14).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="questions")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    sealed = models.BinaryField()
    asked_at = models.DateTimeField()
    takes_questions = models.BooleanField(default=True)  # its author may close it for the group's questions

    class Meta:
        verbose_name = _("inquiry question")
        verbose_name_plural = _("inquiry questions")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="each_wording_has_its_number"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_current=True), name="one_current_question"),
        ]

    def __str__(self) -> str:
        return f"question {self.version} of {self.project_id}"

    @property
    def author(self) -> User:
        return self.project.author
