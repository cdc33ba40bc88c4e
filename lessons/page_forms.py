"""The form of every page of a programme: two languages, and whether the second still says what the first does."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm


class TwoLanguagesForm(WagtailAdminPageForm):
    english_still_fits = forms.BooleanField(
        label=_("English still fits"),
        required=False,
        help_text=_("Tick this when you changed the Danish without changing what it says."),
    )

    def save(self, commit: bool = True) -> Any:
        """Notes what the English was confirmed against: when it changes, or when the author says it still fits."""
        from lessons.english import confirm, note_changes

        page = super().save(commit=False)
        note_changes(page)
        if self.cleaned_data.get("english_still_fits"):
            confirm(page)
        if commit:
            page.save()
        return page
