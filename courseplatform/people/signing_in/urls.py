"""The part of allauth's pages that we offer. HR keeps the addresses, so nobody adds or confirms one here."""

from allauth.account.urls import urlpatterns as every_page
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from courseplatform.people.signing_in.passkeys import PasskeyOnceMore, PasskeySignIn

OFFERED = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
# The names are allauth's: it leads to them by itself, to the last one after a key was added, named or removed.
to_access = RedirectView.as_view(url=reverse_lazy("access"))
PASSKEYS = [
    path("noegle/", PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("noegle/ny/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("noegle/er-det-dig/", PasskeyOnceMore.as_view(), name="mfa_reauthenticate_webauthn"),
    path("noegle/<int:pk>/navn/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("noegle/<int:pk>/fjern/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("noegler/", to_access, name="mfa_index"),
    path("noegler/mine/", to_access, name="mfa_list_webauthn"),
]
urlpatterns = [*(page for page in every_page if page.name in OFFERED), *PASSKEYS]
