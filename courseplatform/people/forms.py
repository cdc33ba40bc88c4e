from datetime import time, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.people.models import NotificationPreference

EARLIEST, LATEST = time(6, 30), time(21)  # MODEL S3: nothing is ever sent between them the other way round


class PreferenceForm(forms.ModelForm[NotificationPreference]):
    """When somebody would like their mail. The municipality's own send window still holds."""

    class Meta:
        model = NotificationPreference
        fields = ["preferred_time"]
        labels = {"preferred_time": _("What time of day suits you best?")}
        help_texts = {
            "preferred_time": _("Empty means the municipality's usual time. Weekends and holidays are always free.")
        }
        widgets = {"preferred_time": forms.TimeInput(attrs={"type": "time", "class": "form-input"}, format="%H:%M")}

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
        choices=[(n, n) for n in range(1, 9)],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def length(self) -> timedelta:
        """How long the pause lasts; only after validation."""
        return timedelta(weeks=self.cleaned_data["weeks"])
