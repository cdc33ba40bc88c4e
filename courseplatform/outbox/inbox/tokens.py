"""Signed names of one message: for reports that come back, for “no more of these”, and for answers by e-mail.

A token is 48 characters of base32: case does not matter, and the local part it stands in stays under 64 octets. It
names the message and nobody, and is good for one purpose only. Whoever lacks our keys cannot make one.
"""

from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Iterator
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from courseplatform.outbox.models import Message

ID, PROOF = 16, 14  # bytes; together they fill 48 characters to the last bit, so each token has one spelling


class Purpose(StrEnum):
    """What a token is for; in an address it stands before the plus sign."""

    BOUNCE = "bounce"
    ANSWER = "answer"
    UNSUBSCRIBE = "unsubscribe"


def envelope_sender(message: Message) -> str:
    """Where reports about this message go (MAIL FROM, DELIVERY §9)."""
    return _address(message, Purpose.BOUNCE)


def message_of(address: str) -> UUID | None:
    """Which message a report to that address is about; None for any address we did not make."""
    return _addressed(address, Purpose.BOUNCE)


def reply_address(message: Message) -> str:
    """Where an answer to this message by e-mail goes."""
    return _address(message, Purpose.ANSWER)


def message_of_reply(address: str) -> UUID | None:
    """Which message a mail to that address answers; None for any address we did not make."""
    return _addressed(address, Purpose.ANSWER)


def unsubscribe_token(message: Message) -> str:
    """Goes into the address behind List-Unsubscribe."""
    return _token(message.pk, Purpose.UNSUBSCRIBE)


def message_of_unsubscribe(token: str) -> UUID | None:
    """Which message was too much; None for a token we did not make."""
    return _read(token, Purpose.UNSUBSCRIBE)


def _address(message: Message, purpose: Purpose) -> str:
    return f"{purpose}+{_token(message.pk, purpose)}@{settings.MAIL_DOMAIN}"


def _addressed(address: str, purpose: Purpose) -> UUID | None:
    """The domain is not looked at: relays rewrite it on the way in, and the token proves itself."""
    name, _plus, token = address.rpartition("@")[0].partition("+")
    return _read(token, purpose) if name.lower() == purpose else None


def _token(message: UUID, purpose: Purpose) -> str:
    return b32encode(message.bytes + next(_proofs(message.bytes, purpose))).decode().lower()


def _read(token: str, purpose: Purpose) -> UUID | None:
    try:
        known = b32decode(token, casefold=True)
    except (Error, ValueError):  # ValueError: letters outside ASCII
        return None
    message, proof = known[:ID], known[ID:]
    is_ours = any(constant_time_compare(proof, right) for right in _proofs(message, purpose))
    return UUID(bytes=message) if is_ours else None


def _proofs(message: bytes, purpose: Purpose) -> Iterator[bytes]:
    """By today's key first, then by those before it."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        salt = f"courseplatform.outbox.inbox.tokens.{purpose}"
        yield salted_hmac(salt, message, secret=secret, algorithm="sha256").digest()[:PROOF]
