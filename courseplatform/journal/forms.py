from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.entries import Fields
from courseplatform.journal.models import Reflection
from courseplatform.people.written_text import tidy
from lessons.shape import ReflectionModel

PREFIX = "field-"


class EntryForm(forms.Form):
    """The fields of one reflection model, with the edition the writer saw. Length is checked when saving, not here."""

    edition = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, model: ReflectionModel, *args: Any, question: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lone = len(model.fields) == 1
        for field in model.fields:
            label = question if lone and question else field.label.read(get_language() or "da")[0]
            self.fields[PREFIX + field.key] = _area(label, tall=lone)

    @staticmethod
    def initial_for(fields: Fields, edition: int) -> dict[str, object]:
        """The form's initial values from an entry's fields."""
        return {"edition": edition, **{PREFIX + key: text for key, text in fields.items()}}

    def texts(self) -> Fields:
        """Field key → text, as posted and tidied; only after validation."""
        return {
            name.removeprefix(PREFIX): tidy(text) for name, text in self.cleaned_data.items() if name.startswith(PREFIX)
        }


def _area(label: str, *, tall: bool) -> forms.CharField:
    attrs = {"class": "form-input", "rows": 10 if tall else 4, "autocomplete": "off"}
    return forms.CharField(label=label, required=False, strip=False, widget=forms.Textarea(attrs=attrs))


class ShareForm(forms.Form):
    """Who may read it: from nobody to the whole cohort."""

    visibility = forms.ChoiceField(
        label=_("Who may read it?"), choices=Reflection.Visibility.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, allowed: Iterable[str] = Reflection.Visibility.values, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["visibility"]
        field.choices = [choice for choice in Reflection.Visibility.choices if choice[0] in set(allowed)]  # type: ignore[attr-defined]
