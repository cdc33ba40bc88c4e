"""The three lines of a learning point, and the consent to share it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.forms import KeptForm, line


class InsightForm(KeptForm):
    situation = line(_("The situation"), _("Where were you? Name nobody."))
    did = line(_("What I did"), _("What you tried, as you would say it to a colleague."))
    now = line(_("What I do now"), _("What you keep on doing, or will do differently."))
    focus_area = forms.CharField(
        label=_("Which focus area is it closest to?"),
        help_text=_("So that others find it, if you share it. You may leave it out."),
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def offer(self, areas: dict[str, str]) -> None:
        """The focus areas to choose from, by key."""
        widget = self.fields["focus_area"].widget
        if isinstance(widget, forms.Select):
            widget.choices = [("", _("None of them")), *areas.items()]


class ConsentForm(forms.Form):
    """Who may read it, and the edition of the words that were on the page."""

    visibility = forms.CharField(required=False)
    edition = forms.IntegerField(min_value=0)
