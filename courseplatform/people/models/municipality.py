from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity


class Municipality(Entity):
    """The organisation that runs programmes. Its cohorts, people and calendar belong to it alone."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    cvr = models.CharField(max_length=8, blank=True, validators=[RegexValidator(r"^\d{8}$")])
    default_language = models.CharField(max_length=2, default="da")
    timezone = models.CharField(max_length=64, default="Europe/Copenhagen")
    mail_domain = models.CharField(max_length=253, help_text=_("Mail is sent from addresses on this domain."))
    min_group_size = models.PositiveSmallIntegerField(default=5)  # MODEL I9

    objects = Announcing.as_manager()

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(min_group_size__gte=5), name="municipality_shows_no_group_under_five"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OrgUnit(Entity):
    """A part of the municipality, down to one institution."""

    class Kind(models.TextChoices):
        ADMINISTRATION = "forvaltning", _("administration")
        STAFF = "stab", _("staff function")
        DEPARTMENT = "afdeling", _("department")
        INSTITUTION = "institution", _("institution")
        TEAM = "team", _("team")

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="units")
    external_uuid = models.UUIDField(null=True, blank=True, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    manager = models.ForeignKey("people.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint(fields=["municipality", "name"], name="unit_name_once_in_a_municipality")
        ]

    def __str__(self) -> str:
        return self.name
