import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from courseplatform.people.language import CHOSEN_ON_THE_WAY_IN
from courseplatform.people.models import User

log = logging.getLogger(__name__)
FORGOTTEN = "account/email/password_reset"  # a password was chosen by the link in a mail


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in by e-mail. HR invites people; nobody signs up by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "We do not know that address with that password. Look at both once more, or choose a new password."
        ),
        "enter_current_password": _("This is not the password you have now."),
        "incorrect_password": _("This is not the password you have now."),
        "too_many_login_attempts": _(
            "There have been too many tries with this address. Wait five minutes, or choose a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person, or None. Who has left gets the same answer as who was never here."""
        person: User | None = super().authenticate(request, **credentials)
        return person if person and person.is_active else None

    def login(self, request: HttpRequest, user: User) -> None:
        """In the language that was chosen on the way in; otherwise in the person's own."""
        chosen = request.session.get(CHOSEN_ON_THE_WAY_IN)
        super().login(request, user)
        if chosen and chosen != user.language:
            user.language = chosen
            user.save(update_fields=["language", "updated_at"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where they chose to change it."""
        return reverse("access")

    def get_login_stages(self) -> list[str]:
        """The password stays enough for somebody who has a passkey as well."""
        return [stage for stage in super().get_login_stages() if not stage.startswith("allauth.mfa.")]

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Says that a way in has changed, to the address HR has. The first password of all is no news.

        The change stands, whether the mail can be sent or not.
        """
        if template_prefix == FORGOTTEN and user.last_login is None:
            return
        page = settings.SITE_URL + reverse("access")
        try:
            super().send_notification_mail(template_prefix, user, {"user": user, "page": page}, user.email)
        except (OSError, SMTPException) as error:
            log.error("A mail about a changed way in could not be sent: %s", type(error).__name__)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the reader's own language, whatever the browser that asked for it speaks."""
        reader = context.get("user")
        language = reader.language if isinstance(reader, User) else translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, context)

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """Said to come from a machine, so that no absence note answers it (MODEL P9)."""
        by_machine = {"Auto-Submitted": "auto-generated", **(headers or {})}
        mail: EmailMessage = super().render_mail(template_prefix, email, context, by_machine)
        return mail
