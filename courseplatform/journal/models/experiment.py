from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.visibility import ExperimentQuerySet
from courseplatform.journal.models.project import Project
from courseplatform.journal.models.reflection import Reflection
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class Experiment(Entity):
    """A small, bounded trial in one's own operation. What its author says of it is sealed: see `experiments.WORDS`.

    `visibility` is about the plan and what was seen; title and state follow MODEL §5.
    """

    class State(models.TextChoices):
        IDEA = "idea", _("an idea")
        PLANNED = "planned", _("planned")
        RUNNING = "running", _("under way")
        DONE = "done", _("carried out")
        STOPPED = "stopped", _("stopped")
        REFLECTED = "reflected", _("thought through")

    AHEAD = (State.PLANNED, State.RUNNING)  # its dates still count
    ENDED = (State.DONE, State.STOPPED, State.REFLECTED)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="experiments")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="experiments")
    state = models.CharField(max_length=9, choices=State, default=State.IDEA)
    sealed = models.BinaryField()
    sealed_draft = models.BinaryField(null=True, blank=True)  # an observation or a reason that is being written
    edition = models.PositiveIntegerField(default=0)  # rises with every write of the author's
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    risk_ack = models.BooleanField(null=True, blank=True)  # True: it concerns citizens or staff, and is thought through
    round_key = models.CharField(max_length=64, blank=True)  # the round of experiments it belongs to
    iteration = models.PositiveSmallIntegerField(default=1)
    predecessor = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="successor"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    was_stopped = models.BooleanField(default=False)  # still known once it is thought through
    visibility = models.CharField(max_length=11, choices=Reflection.Visibility, default=Reflection.Visibility.PRIVATE)
    shared_at = models.DateTimeField(null=True, blank=True)  # set anew at every widening

    takes_questions = models.BooleanField(default=True)  # its author may close it for the group's questions

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-created_at"]
        constraints = [
            # MODEL I15; the three weeks are checked where it is planned.
            models.CheckConstraint(
                condition=Q(state="idea") | Q(starts_on__isnull=False, due_on__gte=F("starts_on")),
                name="an_experiment_has_its_days",
            )
        ]

    def __str__(self) -> str:
        return f"experiment {self.pk}"

    @property
    def author(self) -> User:
        return self.enrolment.person

    @property
    def is_shared(self) -> bool:
        """Whether anybody but the author may read the plan and what was seen."""
        return self.visibility != Reflection.Visibility.PRIVATE


class Observation(Entity):
    """What somebody saw, kept apart from what they make of it. `sealed` holds `text`."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="observations")
    sealed = models.BinaryField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering = ["seen_at", "created_at"]

    def __str__(self) -> str:
        return f"observation {self.pk}"

    @property
    def author(self) -> User:
        return self.experiment.author
