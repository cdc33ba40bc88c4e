"""Settings come from the environment; a wrong value stops the start with a sentence that says what to write."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32  # characters


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
    return _secret_in(file)


def token(name: str) -> str:
    """A secret that may be left out; a short one stops the start."""
    value = os.environ.get(name, "").strip()
    if value and len(value) < SHORTEST_SECRET:
        raise ImproperlyConfigured(f"{name} is short. Write at least {SHORTEST_SECRET} characters, or leave it out.")
    return value


def master_keys(name: str, file: Path, *, may_create: bool) -> list[str]:
    """“name:secret” pairs, the first one seals. A pair that would seal with next to nothing stops the start."""
    pairs = words(name)
    if not pairs and may_create:
        pairs = ["embedded:" + _secret_in(file)]
    if not pairs or not all(map(_is_pair, pairs)):
        raise ImproperlyConfigured(
            f"{name} is missing or incomplete. Write name:secret, for example 2026:$(openssl rand -base64 32), "
            "and a comma between two. A secret has at least 32 characters."
        )
    return pairs


def _is_pair(pair: str) -> bool:
    key, _colon, secret = pair.partition(":")
    return bool(key) and len(secret) >= SHORTEST_SECRET


def _secret_in(file: Path) -> str:
    """What the file holds; a fresh secret the first time. Several processes that start at once get the same one."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(secrets.token_urlsafe(48))
        # Linked once it is whole: nobody reads half a secret, and nobody replaces one.
        with suppress(FileExistsError):
            file.hardlink_to(fresh)
        fresh.unlink()
    return file.read_text().strip()


def address(name: str, *, default: str, schemes: set[str], example: str) -> str:
    """A URL with one of the schemes and a host, without a slash at the end; or the default, also for an empty value."""
    value = os.environ.get(name, "").strip().rstrip("/")
    parts = _split(value, schemes)
    if value and not (parts and parts.hostname):
        raise ImproperlyConfigured(f"{name} is not an address we can use. Write {example}.")
    return value or default


def database(name: str, *, default: str) -> dict[str, Any]:
    """Django's settings of the one database. What stood there is not repeated: it may hold a password."""
    value = os.environ.get(name, default)
    if not _split(value, {"postgres", "postgresql", "sqlite"}):
        raise ImproperlyConfigured(
            f"{name} is not a database's address. Write postgres://user:password@host:5432/name."
        )
    return dict(dj_database_url.parse(value))


def _split(url: str, schemes: set[str]) -> SplitResult | None:
    """The parts of a well-formed URL with one of the schemes."""
    try:
        parts = urlsplit(url)
        return parts if parts.scheme in schemes and parts.port != 0 else None
    except ValueError:
        return None


def inbox(name: str, *, default: str) -> str:
    """The mailbox's URL. What stood there is not repeated: it holds a password. That one never travels in the open."""
    value = os.environ.get(name, "").strip() or default
    parts = _split(value, {"imaps", "imap", "file"})
    if parts and (_is_folder(parts) if parts.scheme == "file" else _is_server(parts)):
        return value
    raise ImproperlyConfigured(
        f"{name} is not a mailbox. Write imaps://user:password@host/INBOX, or file:///a/folder for one of files."
    )


def _is_folder(parts: SplitResult) -> bool:
    return not parts.netloc and len(parts.path) > 1


def _is_server(parts: SplitResult) -> bool:
    is_private = parts.scheme == "imaps" or parse_qs(parts.query).get("tls") == ["1"]
    return bool(parts.hostname and parts.username) and (is_private or parts.hostname in {"localhost", "127.0.0.1"})


def smtp(url: str) -> dict[str, object]:
    """Django's EMAIL_* settings from smtp://user:password@host:port?tls=1 (or smtps://). Raises on any other scheme."""
    parts = _split(url, {"smtp", "smtps"})
    if parts is None or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL is not an SMTP address. Write smtp://user:password@host:587?tls=1.")
    return {
        "EMAIL_BACKEND": "courseplatform.outbox.relay.channels.SmtpBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["1"],
    }
