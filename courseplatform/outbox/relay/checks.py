"""What is refused before the first mail: a relay that could keep a sender waiting for ever (DELIVERY §9)."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.mail.backends import smtp
from django.utils.module_loading import import_string

from courseplatform.outbox.relay.channels import SmtpBackend

TIMEOUTS = ("EMAIL_CONNECT_TIMEOUT", "EMAIL_TIMEOUT", "EMAIL_DOT_TIMEOUT")


def relay_has_timeouts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Django's own default is to wait for ever; one silent relay would then stop all mail."""
    backend = import_string(settings.EMAIL_BACKEND)
    if not issubclass(backend, smtp.EmailBackend):
        return []
    found: list[CheckMessage] = []
    if not issubclass(backend, SmtpBackend):
        hint = "Write courseplatform.outbox.relay.channels.SmtpBackend, or leave it to EMAIL_URL."
        found.append(Error("EMAIL_BACKEND cannot tell a mail in doubt from a failed one.", hint=hint, id="outbox.E001"))
    for name in TIMEOUTS:
        if not getattr(settings, name, None):
            hint = "Write the number of seconds after which a silent relay is given up."
            found.append(Error(f"{name} is missing.", hint=hint, id="outbox.E002"))
    return found
