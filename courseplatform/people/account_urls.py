"""The part of allauth's pages that we offer. HR keeps the addresses, so nobody adds or confirms one here."""

from allauth.account.urls import urlpatterns as every_page

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
urlpatterns = [page for page in every_page if page.name in OFFERED]
