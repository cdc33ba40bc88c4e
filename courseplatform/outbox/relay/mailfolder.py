"""Mail as files one can open: the embedded mode's post office."""

import os
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from courseplatform import clock


class EmailBackend(BaseEmailBackend):
    """Writes each mail as one `.eml` file into MAIL_FOLDER, whole or not at all; names sort by the mail's Date."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(settings.MAIL_FOLDER)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many were written. Raises OSError, or BadHeaderError for a line break in a header."""
        for mail in email_messages:
            self.keep(mail.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        return len(email_messages)

    def keep(self, mail: bytes) -> None:
        """Renamed into place once it is whole, so that a reader never meets half a mail. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{_stamp(mail)}-{secrets.token_hex(6)}"
        unfinished = self.folder / f".{name}.part"
        unfinished.write_bytes(mail)
        os.replace(unfinished, self.folder / f"{name}.eml")  # noqa: PTH105


def _stamp(mail: bytes) -> str:
    written = BytesHeaderParser().parsebytes(mail)["Date"]
    moment: datetime = parsedate_to_datetime(written) if written else clock.now()
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
