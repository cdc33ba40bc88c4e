import uuid
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity
from courseplatform.people.models.municipality import Municipality, OrgUnit

PARTICIPANT = "participant"  # not a RoleAssignment: it follows from enrolments


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> Announcing["User"]:
        return Announcing(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who signs in by e-mail; the address is trimmed and case-folded (MODEL §10)."""
        person = self.model(email=email.strip().casefold(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A system administrator: people and mail trouble, never learning content."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().casefold())


class User(AbstractBaseUser, PermissionsMixin):  # type: ignore[django-manager-missing]  # from Wagtail's pictures
    """A person. Never a role: enrolments, facilitation, HR and sponsorship are rows beside it."""

    class Level(models.TextChoices):
        DIRECTOR = "direktør", _("director")
        HEAD = "chef", _("head of department")
        MANAGER = "leder", _("manager")
        TEAM_LEADER = "teamleder", _("team leader")
        EMPLOYEE = "medarbejder", _("employee")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    external_id = models.CharField(max_length=200, null=True, blank=True, unique=True)
    email = models.EmailField(_("e-mail"), unique=True)
    display_name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    level = models.CharField(max_length=12, choices=Level, default=Level.MANAGER)
    municipality = models.ForeignKey(
        Municipality, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    org_unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    line_manager = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="reports")
    language = models.CharField(
        _("language"), max_length=2, choices=[("da", _("Danish")), ("en", _("English"))], default="da"
    )
    timezone = models.CharField(max_length=64, default="Europe/Copenhagen")
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the support desk"), default=False)
    undeliverable_since = models.DateTimeField(_("cannot get e-mail since"), null=True, blank=True)
    signed_out_times = models.PositiveIntegerField(default=0, editable=False)  # each one ends all sessions
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="person_email_is_lower_case"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    @cached_property
    def does_here(self) -> frozenset[str]:
        """The kinds of role the person has, and PARTICIPANT for who has or had an enrolment. One query."""
        kinds = self.role_assignments.order_by().values_list("kind")
        enrolled = self.enrolments.order_by().values_list(models.Value(PARTICIPANT))
        return frozenset(kind for (kind,) in kinds.union(enrolled))

    def has_role(self, kind: str) -> bool:
        """Whether a RoleAssignment of that kind stands."""
        return kind in self.does_here

    @property
    def takes_part(self) -> bool:
        """Whether the person has, or had, an enrolment."""
        return PARTICIPANT in self.does_here

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know to go on: the password, and how often everything was signed out."""
        signed = f"{self.password}:{self.signed_out_times}"
        return salted_hmac("people.User.session", signed, secret=secret, algorithm="sha256").hexdigest()

    def sign_out_everywhere(self) -> None:
        """Every session of this person ends at its next request."""
        self.signed_out_times = models.F("signed_out_times") + 1
        self.save(update_fields=["signed_out_times", "updated_at"])
        self.refresh_from_db(fields=["signed_out_times"])


class RoleAssignment(Entity):
    """What somebody does here besides taking part; participants are enrolments."""

    class Kind(models.TextChoices):
        HR = "hr", _("HR")
        FACILITATOR = "facilitator", _("facilitator")
        SPONSOR = "sponsor", _("sponsor")
        OPERATOR = "operator", _("operator")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="role_assignments")
    kind = models.CharField(max_length=12, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "municipality", "kind"], name="role_once_per_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"


class NotificationPreference(Entity):
    """When and how somebody wants to hear from us. Moves and cancellations cannot be muted (MODEL §5)."""

    class Digest(models.TextChoices):
        OFF = "off", _("one by one")
        WEEKLY = "weekly", _("once a week")

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("on Mondays")
        TUESDAY = 1, _("on Tuesdays")
        WEDNESDAY = 2, _("on Wednesdays")
        THURSDAY = 3, _("on Thursdays")
        FRIDAY = 4, _("on Fridays")

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="notification_preference")
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.OFF)
    digest_day = models.PositiveSmallIntegerField(choices=Weekday, default=Weekday.TUESDAY)  # counts when weekly
    preferred_time = models.TimeField(
        null=True, blank=True, help_text=_("Local time; empty means the municipality's usual time.")
    )
    pause_from = models.DateField(null=True, blank=True)  # kept when it is over: what it held back follows from it
    pause_until = models.DateField(null=True, blank=True)
    muted_classes = models.JSONField(default=list, blank=True)

    objects = Announcing.as_manager()

    def __str__(self) -> str:
        return f"{self.person}"
