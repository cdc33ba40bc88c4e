"""The form of every page of a programme: two languages, and whether the second still says what the first does."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm


class TwoLanguagesForm(WagtailAdminPageForm):
    english_still_fits = forms.BooleanField(label=_("English still fits"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "english_still_fits" in self.fields:
            self.fields["english_still_fits"].help_text = self._about_english()
        if "focus_area" in self.fields:
            self.fields["focus_area"] = forms.ChoiceField(
                label=_("Focus area"), choices=self._focus_areas(), initial=self.instance.focus_area
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
            self.save_m2m()
        return page

    def _about_english(self) -> Any:
        from lessons.english import English, english_of

        advice = _("Tick this when you change the Danish without changing what it says.")
        if not self.instance.pk:
            return advice
        states = {
            English.MISSING: _("English is missing in part. Readers see the Danish there."),
            English.CURRENT: advice,
            English.OUTDATED: _(
                "The Danish has changed since the English was last looked at. Tick this if it still fits."
            ),
        }
        return states[english_of(self.instance)]

    def _focus_areas(self) -> list[tuple[str, str]]:
        """The programme's own, and whatever the page says already."""
        from lessons.models import ProgrammePage

        parent = self.parent_page or self.instance.get_parent()
        programme = ProgrammePage.objects.ancestor_of(parent, inclusive=True).first() if parent else None
        areas = (programme.focus_areas or []) if programme else []
        choices = [(area["key"], area["title"]["da"]) for area in areas]
        own = self.instance.focus_area
        return choices if not own or own in dict(choices) else [*choices, (own, own)]
