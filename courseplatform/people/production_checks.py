"""What `manage.py check --deploy` refuses: settings that are right for a demo and wrong where people write."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "*"}


@register(Tags.security, deploy=True)
def fit_for_production(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """One error for each setting that must not be so in production; it says what to write."""
    return [Error(sentence, id=f"courseplatform.{name}") for name, sentence in _unfit().items()]


def _unfit() -> dict[str, str]:
    found = {
        "DEBUG": (settings.DEBUG, "DEBUG shows the code to everybody. Leave it out."),
        "DEMO": (settings.DEMO, "COURSEPLATFORM_DEMO shows every mail to everybody. Leave it out."),
        "SITE_URL": (not settings.USES_HTTPS, "SITE_URL begins with http://, so cookies travel in the open."),
        "ALLOWED_HOSTS": (bool(LOOPBACK & {*settings.ALLOWED_HOSTS}), "ALLOWED_HOSTS is to name your hosts alone."),
        "REDIS_URL": (not settings.REDIS_URL, "Without REDIS_URL each process counts wrong passwords for itself."),
        "EMAIL_URL": ("mailfolder" in settings.EMAIL_BACKEND, "Without EMAIL_URL mail becomes files that nobody gets."),
    }
    return {name: sentence for name, (is_so, sentence) in found.items() if is_so}
