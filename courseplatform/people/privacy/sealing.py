"""Texts are sealed with a key per person: AES-256-GCM (NIST SP 800-38D), the person's key wrapped by a master key.

Destroying somebody's key makes their texts unreadable in the database at once. A backup from before holds the wrapped
key too: it is unreadable when the master key of that time is gone (`rotate_keys`, docs/decisions/sealed-texts.md).
"""

import os
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from courseplatform.people.models import PersonKey, User
from courseplatform.people.privacy import tombstones
from courseplatform.people.refusals import Refusal

NONCE_BYTES = 12
KEY_BITS = 256


class KeyDestroyedError(Refusal):
    """The person's key is gone; what it sealed cannot be read again, by anybody."""

    def __init__(self) -> None:
        super().__init__(_("What you wrote here has been made unreadable for good, and nothing new can be kept."))


class SealBrokenError(Exception):
    """The bytes were changed, or were sealed for another person or another row, or no master key here opens them."""


def seal(person: User, text: str, bound_to: str) -> bytes:
    """The text, readable only with the person's key and the same `bound_to` (the row's id).

    Raises KeyDestroyedError.
    """
    return _encrypt(_key_of(person), text.encode(), _place(person, bound_to))


def unseal(person: User, sealed: bytes, bound_to: str) -> str:
    """What was sealed. Raises SealBrokenError or KeyDestroyedError."""
    return _decrypt(_key_of(person), bytes(sealed), _place(person, bound_to)).decode()


@transaction.atomic
def destroy_key(person: User, now: datetime) -> None:
    """Make everything the person ever wrote unreadable here, for good. For backups see the top of this file."""
    PersonKey.objects.update_or_create(person=person, defaults={"wrapped": None, "master_key": "", "destroyed_at": now})
    tombstones.bury(PersonKey._meta.label_lower, person.pk, now)
    person.__dict__.pop("_opened_key", None)
    person._state.fields_cache.pop("key", None)


def _destroy_again(people: list[UUID], now: datetime) -> None:
    for person in User.objects.filter(pk__in=people):
        destroy_key(person, now)


tombstones.erased_by(PersonKey._meta.label_lower, _destroy_again)


def keys_behind() -> QuerySet[PersonKey]:
    """Keys that are not wrapped under the present master key yet."""
    return PersonKey.objects.filter(destroyed_at=None).exclude(master_key=_master_names()[0])


def rewrap(key: PersonKey) -> bool:
    """Wrap a key under the present master key; False when it is already. What it sealed stays as it is."""
    current = _master_names()[0]
    if key.wrapped is None or key.master_key == current:
        return False
    opened = _decrypt(_master(key.master_key), bytes(key.wrapped), _owner(key.person_id))
    wrapped = _encrypt(_master(current), opened, _owner(key.person_id))
    # Only over the key we read: a destroyed one must not come back.
    untouched = PersonKey.objects.filter(pk=key.pk, master_key=key.master_key, destroyed_at=None)
    return untouched.update(wrapped=wrapped, master_key=current) == 1


# --- The person's key, opened once per User object -------------------------------------------------------------------
def _key_of(person: User) -> bytes:
    opened: bytes | None = person.__dict__.get("_opened_key")
    if opened is None:
        opened = person.__dict__["_opened_key"] = _open(_kept_key(person))
    return opened


def _kept_key(person: User) -> PersonKey:
    """The row, made on first use. Two at once make one: the database keeps the first."""
    try:
        return person.key
    except PersonKey.DoesNotExist:
        return _fresh_key(person)


def _fresh_key(person: User) -> PersonKey:
    current = _master_names()[0]
    wrapped = _encrypt(_master(current), AESGCM.generate_key(KEY_BITS), _owner(person.pk))
    PersonKey.objects.bulk_create(
        [PersonKey(person=person, wrapped=wrapped, master_key=current)], ignore_conflicts=True
    )
    return PersonKey.objects.get(person=person)


def _open(key: PersonKey) -> bytes:
    if key.wrapped is None:
        raise KeyDestroyedError
    return _decrypt(_master(key.master_key), bytes(key.wrapped), _owner(key.person_id))


# --- Master keys: settings.MASTER_KEYS, "name:secret", the first seals, all of them open -----------------------------
def _master_names() -> list[str]:
    return [entry.partition(":")[0] for entry in settings.MASTER_KEYS]


def _master(name: str) -> bytes:
    for entry in settings.MASTER_KEYS:
        known, _, secret = entry.partition(":")
        if known == name:
            return _derived(secret)
    raise SealBrokenError(f"Master key “{name}” is not among MASTER_KEYS.")


@lru_cache(maxsize=8)
def _derived(secret: str) -> bytes:
    """32 bytes by HKDF-SHA256 (RFC 5869): the secret is long and random, so it needs no slow hash."""
    return HKDF(SHA256(), length=32, salt=None, info=b"courseplatform person keys").derive(secret.encode())


# --- AES-GCM: nonce ‖ ciphertext and tag -----------------------------------------------------------------------------
def _encrypt(key: bytes, clear: bytes, place: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, place)


def _decrypt(key: bytes, sealed: bytes, place: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as broken:
        raise SealBrokenError("The seal does not fit.") from broken


def _place(person: User, bound_to: str) -> bytes:
    """Authenticated with the text, so that it cannot be moved to another person's or another row."""
    return f"{person.pk}/{bound_to}".encode()


def _owner(person_id: object) -> bytes:
    return f"key of {person_id}".encode()
