from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections.entries import Fields
from courseplatform.people.written_text import tidy
from lessons.shape import ReflectionModel

PREFIX = "field-"
WHO = _("Who may read it?")


class Written(forms.CharField):
    """What somebody typed, tidied before anything else looks at it. Its length is checked when saving, not here."""

    def to_python(self, value: Any) -> str:
        return tidy(super().to_python(value) or "")


def _choice_of_readers() -> forms.ChoiceField:
    return forms.ChoiceField(label=WHO, choices=Reflection.Visibility.choices, widget=forms.RadioSelect)


class EntryForm(forms.Form):
    """The fields of one reflection model, its readers, and what the writer saw: the edition and its readers then."""

    edition = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    visibility = _choice_of_readers()

    def __init__(self, model: ReflectionModel, *args: Any, question: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visibility"].required = False
        lone = len(model.fields) == 1
        for field in model.fields:
            label = question if lone and question else field.label.read(get_language() or "da")[0]
            self.fields[PREFIX + field.key] = _area(label, tall=lone)

    @staticmethod
    def initial_for(fields: Fields, edition: int, visibility: str) -> dict[str, object]:
        """The form's initial values from an entry's fields."""
        texts = {PREFIX + key: text for key, text in fields.items()}
        return {"edition": edition, "shown": visibility, "visibility": visibility, **texts}

    @property
    def areas(self) -> list[forms.BoundField]:
        """The fields to write in."""
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    def texts(self) -> Fields:
        """Field key → text; only after validation. What came for a field that this form lacks stands in the first."""
        texts = {name.removeprefix(PREFIX): text for name, text in self.cleaned_data.items() if name.startswith(PREFIX)}
        first = next(iter(texts))
        texts[first] = "\n\n".join(filter(None, [texts[first], *self._strays()]))
        return texts

    def _strays(self) -> list[str]:
        """Another form was on the screen, or none was known, as without network."""
        return [tidy(self.data[name]) for name in self.data if name.startswith(PREFIX) and name not in self.fields]

    def new_readers(self) -> str:
        """The level the writer has chosen; "" where they left it as the page showed it."""
        chosen: str = self.cleaned_data["visibility"]
        return "" if chosen == self.cleaned_data["shown"] else chosen


def _area(label: str, *, tall: bool) -> Written:
    attrs = {"class": "form-input", "rows": 10 if tall else 4, "autocomplete": "off"}
    return Written(label=label, required=False, strip=False, widget=forms.Textarea(attrs=attrs))


class ShareForm(forms.Form):
    """Who may read it: from nobody to the whole cohort."""

    visibility = _choice_of_readers()
