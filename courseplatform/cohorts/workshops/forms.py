"""What is filled in around one workshop: a colleague's address, the number of seats, a piece of material."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.setting_up.forms import Form, LineField


class ColleagueForm(Form):
    """Somebody who is not found here yet; HR looks at it before anything is sent."""

    name = LineField(label=_("Name"), min_length=3, max_length=120)
    email = forms.EmailField(label=_("E-mail"), max_length=254)


class SeatsForm(Form):
    """Empty means room for everybody."""

    seats = forms.IntegerField(label=_("How many can come"), min_value=1, max_value=999, required=False)


class MaterialForm(Form):
    """A title and an address."""

    title = LineField(label=_("What it is"), min_length=3, max_length=120)
    link = forms.URLField(label=_("Address"), max_length=2000, assume_scheme="https")
