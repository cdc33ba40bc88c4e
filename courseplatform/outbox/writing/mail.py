"""One mail, written and ready to be handed over."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.mail import EmailMessage


@dataclass(frozen=True)
class Mail:
    """To one recipient, whole. `sender` is where reports about it go (MAIL FROM), not who it is from."""

    sender: str
    recipient: str
    content: bytes
    as_django: Callable[[], EmailMessage]  # for what takes no bytes, such as a test that looks into a mail
