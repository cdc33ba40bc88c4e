from datetime import time, timedelta
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courseplatform.people.models import NotificationPreference

Digest, Weekday = NotificationPreference.Digest, NotificationPreference.Weekday
WEEKS = [(1, _("1 week")), *((n, format_lazy(_("{n} weeks"), n=n)) for n in range(2, 9))]
ONCE_A_WEEK = [(day.value, format_lazy(_("One mail a week, {day}"), day=day.label)) for day in Weekday]
EARLIEST, LATEST = time(6, 30), time(21)  # nothing is sent outside these (MODEL S3)


class PreferenceForm(forms.ModelForm[NotificationPreference]):
    """When somebody would like their mail. The municipality's own send window still holds."""

    rhythm = forms.TypedChoiceField(
        label=_("How often?"),
        help_text=_(
            "The weekly mail asks three questions at most. A reminder close to a workshop may still come alone."
        ),
        coerce=lambda chosen: None if chosen == Digest.OFF else int(chosen),
        choices=[(Digest.OFF.value, _("One by one, as they come")), *ONCE_A_WEEK],
    )
    field_order = ["rhythm", "preferred_time"]

    class Meta:
        model = NotificationPreference
        fields = ["preferred_time"]
        labels = {"preferred_time": _("What time of day suits you best?")}
        help_texts = {
            "preferred_time": _("Empty means the municipality's usual time. Weekends and holidays are always free.")
        }
        widgets = {"preferred_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_weekly = self.instance.digest == Digest.WEEKLY
        self.initial["rhythm"] = self.instance.digest_day if is_weekly else Digest.OFF

    def save_for(self, wishes: NotificationPreference) -> None:
        """Only after validation: into a row that is there, with the rhythm as the model has it."""
        day = self.cleaned_data["rhythm"]
        wishes.preferred_time = self.cleaned_data["preferred_time"]
        wishes.digest = Digest.OFF if day is None else Digest.WEEKLY
        if day is not None:
            wishes.digest_day = day
        wishes.save(
            update_fields=["preferred_time", "digest", "digest_day", "updated_at"]
        )  # a mail's link may stop more

    def clean_preferred_time(self) -> time | None:
        """Raises ValidationError outside 06:30–21:00."""
        chosen: time | None = self.cleaned_data["preferred_time"]
        if chosen and not EARLIEST <= chosen <= LATEST:
            raise forms.ValidationError(_("We send nothing between 21:00 and 06:30. Choose a time in between."))
        return chosen


class PauseForm(forms.Form):
    """One to eight weeks, no reason asked (MODEL P8)."""

    weeks = forms.TypedChoiceField(
        label=_("How long?"),
        coerce=int,
        choices=WEEKS,
    )

    def length(self) -> timedelta:
        """From the first day of the pause to its last; only after validation."""
        return timedelta(weeks=self.cleaned_data["weeks"], days=-1)
