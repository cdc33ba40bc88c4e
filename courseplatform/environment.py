"""Settings come from the environment; a wrong value stops the start with a sentence that says what to write."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool) -> bool:
    """True or False; anything else stops the start."""
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in {"true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write True or False.")
    return value in {"true", "1"}


def number(name: str, *, default: int) -> int:
    """A whole number, negative allowed."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write a whole number.") from error


def words(name: str, *, default: str = "") -> list[str]:
    """Comma-separated values, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def kept_secret(name: str, file: Path, *, may_create: bool) -> str:
    """The secret from the environment, or from a private file that is made once where that is allowed."""
    if value := os.environ.get(name):
        return value
    if not may_create:
        raise ImproperlyConfigured(
            f"{name} is missing. Write a long random value, for example from `openssl rand -base64 32`."
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as fresh:
        fresh.write(secrets.token_urlsafe(48))
    return file.read_text().strip()


def smtp(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings from smtp://user:password@host:port?tls=1 (or smtps://). Raises on any other scheme."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL is not an SMTP address. Write smtp://user:password@host:587?tls=1.")
    return {
        "EMAIL_BACKEND": "courseplatform.outbox.channels.SmtpBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["1"],
    }
