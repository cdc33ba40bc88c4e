"""The forms on an experiment's way. Nothing is required while it is written; what is missing is said when it counts."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.sealed_texts import Texts
from courseplatform.journal.forms import Written

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

PREFIX = "field"
DAY_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d. %m. %Y"]
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"]
RISKS = [
    ("no", _("No, only me")),
    ("yes", _("Yes. I have thought about what could go wrong for them, and I can stop at any time")),
]


def line(label: "str | StrPromise", hint: "str | StrPromise" = "", *, rows: int = 3) -> Written:
    """A field to write in, as high as `rows` lines."""
    attrs = {"class": "form-input", "rows": rows, "autocomplete": "off"}
    widget = forms.Textarea(attrs=attrs)
    return Written(label=label, help_text=hint, required=False, strip=False, widget=widget)


def _day(label: "str | StrPromise") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"class": "form-input", "type": "date"})
    return forms.DateField(label=label, required=False, input_formats=DAY_FORMATS, widget=widget)


class KeptForm(forms.Form):
    """A form whose texts are kept while they are written, on top of the edition its writer saw."""

    edition = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    prefix = PREFIX
    written_on: int | None = None  # the edition, while another device's text stands beside this one

    def add_prefix(self, field_name: str) -> str:
        """The edition is called as on the page for all writing, for the browser keeps both in the same way."""
        return field_name if field_name == "edition" else super().add_prefix(field_name)

    def texts(self) -> Texts:
        """Name → text; only after validation."""
        return {name: self.cleaned_data[name] for name, field in self.fields.items() if isinstance(field, Written)}

    def columns(self) -> dict[str, Any]:
        """What is kept in columns of its own; only after validation."""
        return {}


class QuestionForm(KeptForm):
    title = line(_("What is it about?"), _("A few words, such as “Duty plans for the evenings”."), rows=1)
    text = line(_("Your question"), _("It begins with “How can I”, and it is yours to act on."), rows=4)
    note = line(_("What made you change it?"), _("A line for yourself. You may leave it out."), rows=2)


class EndForm(KeptForm):
    answer = line(_("What is your answer now?"), _("As you would say it to a colleague."), rows=4)


class LettingGoForm(KeptForm):
    reason = line(_("Why do you let it go?"), _("A line is enough."), rows=2)


class WhatForm(KeptForm):
    title = line(_("What do you call it?"), _("A few words, such as “Ask first at the board meeting”."), rows=2)
    hypothesis = line(_("What do you expect to happen?"), _("A guess is enough. You may leave it out."))


class IfThenForm(KeptForm):
    if_situation = line(
        _("If …"), _("One situation that you will meet, such as “Monday's board meeting comes to enquiries”.")
    )
    then_action = line(_("… then"), _("What you do in it, such as “I ask first what the system proposed”."))


class SeeForm(KeptForm):
    observe_how = line(_("How will you notice what happens?"), _("Something that others could see, too."))
    who_knows = line(_("Who must know about it?"), _("Needed when it concerns others; otherwise as you like."), rows=2)


class WhenForm(KeptForm):
    starts_on = _day(_("First day"))
    due_on = _day(_("Last day"))
    stop_when = line(_("When do you stop before that?"), _("You may leave it out."), rows=2)
    risk = forms.ChoiceField(
        label=_("Does it concern citizens or staff?"), choices=RISKS, required=False, widget=forms.RadioSelect
    )

    def columns(self) -> dict[str, Any]:
        chosen = {"no": False, "yes": True}.get(self.cleaned_data["risk"])
        return {"starts_on": self.cleaned_data["starts_on"], "due_on": self.cleaned_data["due_on"], "risk_ack": chosen}


class StopForm(KeptForm):
    reason = line(_("Why do you stop?"), _("A line is enough. What did not work is a result, too."))


class SeenForm(KeptForm):
    text = line(_("What did you see?"), _("Only what others could see, too. What it means comes later."), rows=4)
    seen_at = forms.DateTimeField(
        label=_("When?"),
        required=False,
        input_formats=MOMENT_FORMATS,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"class": "form-input", "type": "datetime-local"}),
    )
