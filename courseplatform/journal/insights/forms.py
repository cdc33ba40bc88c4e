"""The three lines of a learning point, and the consent to share it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.forms import KeptForm, line


class InsightForm(KeptForm):
    situation = line(_("The situation"), _("Where were you? Name nobody."))
    did = line(_("What I did"), _("What you tried, as you would say it to a colleague."))
    now = line(_("What I do now"), _("What you keep on doing, or will do differently."))


class ConsentForm(forms.Form):
    """Who may read it, and the edition of the words that were on the page."""

    visibility = forms.CharField(required=False)
    edition = forms.IntegerField(min_value=0)
