from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.people.announcements import Announcing
from courseplatform.people.entity import Entity
from courseplatform.people.models import Municipality


def usual_send_window() -> dict[str, list[str]]:
    """MODEL S3: Mon–Thu 08:00–15:30, Fri 08:00–13:00, local time."""
    return {day: ["08:00", "15:30"] for day in ("mon", "tue", "wed", "thu")} | {"fri": ["08:00", "13:00"]}


def usual_half_days() -> list[dict[str, str]]:
    """MODEL S4: 1 May and 5 June are closed from 12:00 local time."""
    return [{"day": "05-01", "closes": "12:00"}, {"day": "06-05", "closes": "12:00"}]


def usual_closures() -> list[dict[str, str]]:
    """MODEL S4: 24 and 31 December, and the Friday after Ascension Day (40 days after Easter Sunday)."""
    return [{"day": "12-24"}, {"day": "12-31"}, {"easter": "40"}]


class CalendarPolicy(Entity):
    """When the municipality is at work and when messages may arrive (MODEL S3–S5).

    `calendar.from_policy()` reads it as the frozen value that all rules take.
    """

    municipality = models.OneToOneField(Municipality, on_delete=models.CASCADE, related_name="calendar_policy")
    send_window = models.JSONField(_("send window"), default=usual_send_window)
    default_send_time = models.TimeField(_("usual time"), default=time(8, 30))
    # Yearly {"day": "MM-DD"} or {"easter": "days after"}; once {"from": ISO, "to": ISO}.
    local_closures = models.JSONField(_("local closures"), default=usual_closures)
    half_days = models.JSONField(_("half days"), default=usual_half_days)
    school_break_weeks = models.JSONField(_("school breaks, ISO weeks"), default=list)

    objects = Announcing.as_manager()

    class Meta:
        verbose_name = _("calendar policy")
        verbose_name_plural = _("calendar policies")

    def __str__(self) -> str:
        return str(self.municipality)
