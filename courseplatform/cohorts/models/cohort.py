from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity
from courseplatform.people.models import Municipality, User
from lessons.models import ProgrammeVersion


class CohortQuerySet(Announcing["Cohort"]):
    def run_by(self, person: User) -> "CohortQuerySet":
        """What HR may open: the cohorts of a municipality where they are HR now. To have made one opens nothing."""
        hr_here = person.role_assignments.filter(kind="hr").values("municipality")
        return self.filter(municipality__in=hr_here)

    def facilitated_by(self, person: User) -> "CohortQuerySet":
        """Cohorts where the person is one of the facilitators."""
        return self.filter(facilitators=person)

    def alive(self) -> "CohortQuerySet":
        """Neither cancelled nor archived."""
        return self.exclude(state__in=[Cohort.State.CANCELLED, Cohort.State.ARCHIVED])


class Cohort(Entity):
    """One delivery of one programme version. States change in `cohorts/transitions/` only."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PLANNED = "planned", _("planned")
        ENROLLING = "enrolling", _("enrolling")
        RUNNING = "running", _("running")
        COMPLETED = "completed", _("completed")
        ARCHIVED = "archived", _("archived")
        CANCELLED = "cancelled", _("cancelled")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="cohorts")
    programme_version = models.ForeignKey(ProgrammeVersion, on_delete=models.PROTECT, related_name="cohorts")
    name = models.CharField(_("name"), max_length=120)
    starts_on = models.DateField(_("starts on"), help_text=_("A Monday."))
    owner_hr = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_cohorts")
    facilitators = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="facilitated_cohorts")
    capacity_min = models.PositiveSmallIntegerField(_("fewest participants"))
    capacity_max = models.PositiveSmallIntegerField(_("most participants"))
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    state_reason = models.CharField(max_length=300, blank=True)
    backfill_reason = models.CharField(max_length=300, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    start_alert_at = models.DateTimeField(null=True, blank=True)  # too few had accepted when it should have begun
    is_demo = models.BooleanField(default=False, editable=False)

    objects = CohortQuerySet.as_manager()

    class Meta:
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")
        ordering = ["-starts_on", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__iso_week_day=1), name="cohort_starts_on_a_monday"),
            models.CheckConstraint(
                condition=Q(capacity_max__gte=models.F("capacity_min")), name="cohort_capacity_is_a_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def mailbox(self) -> str:
        """The cohort's own address: sender of its mail and organiser of its calendar events."""
        return f"hold-{self.pk.hex[:12]}@{self.municipality.mail_domain}"
