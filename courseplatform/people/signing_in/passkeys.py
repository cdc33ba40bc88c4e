"""Signing in with a fingerprint, a face or the phone's own code: allauth's passkeys in our words.

A passkey is another way in and no second lock: the password stays enough (`AccountAdapter.get_login_stages`), and
who has lost both gets a new password by mail. What is kept is the key's public half, which is no secret.
"""

from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.utils import passthrough_next_redirect_url
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courseplatform.people.models import User
from courseplatform.people.signing_in.devices import device_of
from courseplatform.people.signing_in.forms import InOurWords
from courseplatform.people.written_text import tidy

NAME_LENGTH = 60
UNKNOWN = gettext_lazy("We do not know that passkey. Try once more, or use your password.")


class PasskeyAdapter(DefaultMFAAdapter):
    """Passkeys alone; no codes, no apps."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": UNKNOWN}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What the device calls itself: the person may write something better."""
        return device_of(get_account_adapter().get_http_user_agent(self.request)) or _("My passkey")


class Credential(forms.JSONField):
    """What the device says. Nonsense is a wrong answer like any other."""

    widget = forms.HiddenInput
    default_error_messages = {"required": UNKNOWN, "invalid": UNKNOWN}

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as nonsense:
            raise forms.ValidationError(UNKNOWN) from nonsense

    def bound_data(self, data: Any, initial: Any) -> str:
        """An answer holds for one question, so none is shown again."""
        return ""

    def prepare_value(self, value: Any) -> str:
        return ""


class FromTheDevice(forms.Form):
    """Reads the device's answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = Credential()


class Named(InOurWords):
    """A name its owner knows the key by."""

    labels = {"name": gettext_lazy("What will you call it?")}
    help_texts = {"name": gettext_lazy("So that you know which phone or computer it belongs to.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs |= {"maxlength": NAME_LENGTH, "autocomplete": "off"}

    def clean_name(self) -> str:
        """Never empty: the key is made already when its name is looked at."""
        return tidy(self.cleaned_data["name"])[:NAME_LENGTH] or _("My passkey")


class SignInForm(FromTheDevice, LoginWebAuthnForm):
    """Instead of address and password."""


class IsItYouForm(FromTheDevice, ReauthenticateWebAuthnForm):
    """Instead of the password."""


class NewPasskeyForm(Named, FromTheDevice, AddWebAuthnForm):
    """Takes only a key that asks for finger, face or code, because it opens the door alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]

    def clean(self) -> dict[str, Any] | None:
        self.cleaned_data["passwordless"] = True
        try:
            return super().clean()
        except ValueError as nonsense:
            raise forms.ValidationError(UNKNOWN) from nonsense


class PasskeyNameForm(Named, EditWebAuthnForm):
    """Another name for the same key."""


class OneMoreTry:
    """A key that does not fit leads back to `way`, on the way to the same page."""

    request: HttpRequest
    way: str

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        for problem in form.errors.get("credential", []):
            messages.error(self.request, str(problem))
        return HttpResponseRedirect(passthrough_next_redirect_url(self.request, reverse(self.way), "next"))


class PasskeySignIn(OneMoreTry, LoginWebAuthnView):
    """The other way in; back to the first one."""

    way = "account_login"


class PasskeyOnceMore(OneMoreTry, ReauthenticateWebAuthnView):
    """The other way to show who one is."""

    way = "mfa_reauthenticate_webauthn"
