from datetime import time, timedelta

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from courseplatform.people.models import NotificationPreference

WEEKS = [(1, _("1 week")), *((n, format_lazy(_("{n} weeks"), n=n)) for n in range(2, 9))]
EARLIEST, LATEST = time(6, 30), time(21)  # nothing is sent outside these (MODEL S3)


class PreferenceForm(forms.ModelForm[NotificationPreference]):
    """When somebody would like their mail. The municipality's own send window still holds."""

    class Meta:
        model = NotificationPreference
        fields = ["preferred_time"]
        labels = {"preferred_time": _("What time of day suits you best?")}
        help_texts = {
            "preferred_time": _("Empty means the municipality's usual time. Weekends and holidays are always free.")
        }
        widgets = {"preferred_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

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
