"""The demo's post office: what people would find in their inboxes, read from the mail folder."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

SAFE_NAME = re.compile(r"^\d{8}T\d{6}Z-[0-9a-f]{12}$")  # as outbox/relay/mailfolder.py names them; newest sorts last
HEADERS = ("From", "To", "Reply-To", "Date", "Subject", "Message-ID", "Auto-Submitted", "List-Id")


@dataclass(frozen=True)
class Envelope:
    """What an inbox shows of a mail."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime


def envelopes(recipient: str = "") -> list[Envelope]:
    """All mails, newest first; those to one address when it is given."""
    names = sorted((file.stem for file in folder().glob("*.eml") if SAFE_NAME.match(file.stem)), reverse=True)
    found = (envelope(name) for name in names)
    return [one for one in found if not recipient or one.to == recipient]


@lru_cache(maxsize=20_000)
def envelope(name: str) -> Envelope:
    """A mail's head. Files never change once they have their name, so it is read once."""
    with path_of(name).open("rb") as file:
        head = BytesHeaderParser(policy=policy.default).parse(file)
    sender, to = (getaddresses([str(head[field])])[0] for field in ("From", "To"))
    return Envelope(name, str(head["Subject"]), sender[0] or sender[1], to[1], parsedate_to_datetime(str(head["Date"])))


def mail(name: str) -> EmailMessage:
    """The whole mail. Raises FileNotFoundError for a name that no mail has."""
    with path_of(name).open("rb") as file:
        return BytesParser(policy=policy.default).parse(file)


def part(message: EmailMessage, kind: str) -> str:
    """Its text of that kind ("plain", "html", "calendar"); empty when it has none."""
    found = next((one for one in message.walk() if one.get_content_type() == f"text/{kind}"), None)
    return str(found.get_content()) if found is not None else ""


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    """Those a reader may wonder about."""
    return [(name, str(message[name])) for name in HEADERS if message[name]]


def path_of(name: str) -> Path:
    """Raises FileNotFoundError for anything but a mail's own name: nothing outside the folder is ever opened."""
    if not SAFE_NAME.match(name):
        raise FileNotFoundError(name)
    return folder() / f"{name}.eml"


def folder() -> Path:
    """Where the embedded mode keeps its mail."""
    return Path(settings.MAIL_FOLDER)
