"""allauth's forms in our words; what they check stays theirs."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.utils.translation import gettext_lazy as _

PRESENT = _("The password you have now")
NEW = {"password1": _("New password"), "password2": _("New password, once more")}
LONG_ENOUGH = _("At least 12 characters. Three or four words that only you would put together are easy to remember.")


class InOurWords(forms.Form):
    """Labels instead of placeholders, which are gone when they are needed; help only where we have some."""

    labels: Mapping[str, Any] = {}
    help_texts: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, "")


class SignInForm(InOurWords, allauth.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password")}


class ForgottenForm(InOurWords, allauth.ResetPasswordForm):
    labels = {"email": _("E-mail")}


class NewPasswordForm(InOurWords, allauth.ResetPasswordKeyForm):
    labels = NEW
    help_texts = {"password1": LONG_ENOUGH}


class OtherPasswordForm(InOurWords, allauth.ChangePasswordForm):
    labels = {"oldpassword": PRESENT, **NEW}
    help_texts = {"password1": LONG_ENOUGH}


class IsItYouForm(InOurWords, allauth.ReauthenticateForm):
    labels = {"password": PRESENT}
