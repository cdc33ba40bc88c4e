from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from courseplatform.people.language import CHOSEN_ON_THE_WAY_IN
from courseplatform.people.models import User


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the reader's own language, whatever the browser that asked for it speaks."""
        reader = context.get("user")
        language = reader.language if isinstance(reader, User) else translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, context)
