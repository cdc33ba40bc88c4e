"""Texts are sealed with a key per person: AES-256-GCM (NIST SP 800-38D), the person's key wrapped by a master key.

Destroying somebody's key makes their texts unreadable in the database and in every backup of it.
"""

NONCE_BYTES = 12


class KeyDestroyed(Exception):
    """The person's key is gone; what it sealed cannot be read again, by anybody."""


class SealBroken(Exception):
    """The bytes were changed, or were sealed for another person or another row."""
