from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, LearningGroup
from courseplatform.journal.groups.peer_visibility import PeerQuestionQuerySet
from courseplatform.journal.models.experiment import Experiment
from courseplatform.journal.models.project import InquiryQuestion
from courseplatform.journal.models.reflection import Reflection
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class PeerQuestion(Entity):
    """What somebody in the group asks, or appreciates, about a text its author shares (MODEL §8).

    It hangs on one text, and stays its writer's alone when that text is erased. `sealed` is sealed with the writer's
    key, `sealed_answer` with that of the text's author. Others read it only through `visible_to`.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", _("question")
        APPRECIATION = "appreciation", _("appreciation")

    reflection = models.ForeignKey(
        Reflection, null=True, blank=True, on_delete=models.SET_NULL, related_name="peer_questions"
    )
    wording = models.ForeignKey(
        InquiryQuestion, null=True, blank=True, on_delete=models.SET_NULL, related_name="peer_questions"
    )
    experiment = models.ForeignKey(
        Experiment, null=True, blank=True, on_delete=models.SET_NULL, related_name="peer_questions"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="peer_questions")
    # Of the writer; None for a facilitator. The group is that of the text's author at the time: it stays among them.
    enrolment = models.ForeignKey(
        Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="peer_questions"
    )
    group = models.ForeignKey(
        LearningGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="peer_questions"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    sealed = models.BinaryField()
    asked_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)  # by the text's author
    sealed_answer = models.BinaryField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_seen_at = models.DateTimeField(null=True, blank=True)  # by who asked
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # taken back: in its writer's own copy alone

    objects = PeerQuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question from a peer")
        verbose_name_plural = _("questions from peers")
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reflection__isnull=True, wording__isnull=True)
                | Q(reflection__isnull=True, experiment__isnull=True)
                | Q(wording__isnull=True, experiment__isnull=True),
                name="a_peer_question_hangs_on_one_text",
            ),
            models.CheckConstraint(
                condition=Q(sealed_answer__isnull=True, answered_at__isnull=True)
                | Q(sealed_answer__isnull=False, answered_at__isnull=False),
                name="an_answer_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"peer question {self.pk}"

    @property
    def text(self) -> Reflection | InquiryQuestion | Experiment | None:
        """What it hangs on."""
        return self.reflection or self.wording or self.experiment
