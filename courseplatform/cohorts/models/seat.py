from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models.cohort import Cohort
from courseplatform.cohorts.models.enrolment import Enrolment
from courseplatform.cohorts.models.events import Workshop
from courseplatform.people.entity import Entity
from courseplatform.people.models import User


class SubstitutionQuerySet(models.QuerySet["Substitution"]):
    def standing(self) -> "SubstitutionQuerySet":
        """Seats that a colleague has, of participants who take part."""
        taking_part = {"enrolment__state__in": Enrolment.TAKING_PART}
        return self.filter(state=Substitution.State.STANDS, **taking_part)

    def held_by(self, person: User) -> "SubstitutionQuerySet":
        """The seats this person has as a colleague, at workshops of cohorts that are not cancelled or archived."""
        gone = [Cohort.State.CANCELLED, Cohort.State.ARCHIVED]
        return self.standing().filter(substitute=person).exclude(workshop__cohort__state__in=gone)


class Substitution(Entity):
    """A colleague sent to one workshop in a participant's seat. Ended ones stay: who had the seat, and when.

    Changed in `cohorts/transitions/seat.py` only. Without `substitute` it is an address that waits for HR.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("waits for HR")
        STANDS = "stands", _("comes instead")
        DECLINED = "declined", _("could not come either")
        TAKEN_BACK = "taken_back", _("taken back")
        REFUSED = "refused", _("not confirmed by HR")

    OPEN = (State.ASKED, State.STANDS)

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="substitutions")
    workshop = models.ForeignKey(Workshop, on_delete=models.CASCADE, related_name="substitutions")
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="seats"
    )
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    held_from = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat of a colleague")
        verbose_name_plural = _("seats of colleagues")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "workshop"],
                condition=Q(state__in=["asked", "stands"]),
                name="one_colleague_in_a_seat",
            ),
            models.UniqueConstraint(
                fields=["substitute", "workshop"], condition=Q(state="stands"), name="one_seat_for_a_colleague"
            ),
            models.CheckConstraint(
                condition=Q(substitute__isnull=False) | ~Q(state="stands"), name="a_seat_is_held_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workshop}: {self.state}"

    @property
    def who(self) -> str:
        """The colleague's name as far as it is known."""
        return self.substitute.display_name if self.substitute else self.name or self.email
