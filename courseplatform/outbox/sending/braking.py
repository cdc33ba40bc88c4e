"""Stops when it is not the messages that are wrong: ten different ones in a row cannot go out for the same reason.

A broken template, or a right we have lost at the relay, would otherwise hold a whole morning's mails as if each were to
blame. Until it is mended one message is tried now and then, as after trouble with a relay, and the others stay due.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from courseplatform.outbox.models import Message, Relay
from courseplatform.outbox.relay import relays

log = logging.getLogger(__name__)
ENOUGH = 10
NOT_THIS_ONE = timedelta(minutes=10)  # the next try is made with another message
NAME = "brake: "  # its row stands among the relays', with what is wrong; `tokens` counts the messages in a row


class Braked(Exception):
    """The same is wrong with all of them: the rest is given back."""


@dataclass
class Brake:
    """One pass's foot on it. All share the one row, which is there only while something is wrong."""

    row: Relay | None = None
    is_probing: bool = False

    def room(self, now: datetime, wanted: int) -> int:
        """How many messages may be tried: `wanted`, or one now and then while the brake is on."""
        self.row = Relay.objects.filter(name__startswith=NAME).order_by("-tokens", "name").first()
        if self.row is None or self.row.tokens < ENOUGH:
            return wanted
        if self.is_probing or not relays.take(self.row.name, now, 1).mails:
            return 0
        self.is_probing = True
        return 1

    def judge(self, message: Message, fields: dict[str, Any], error: str, now: datetime) -> dict[str, Any]:
        """The outcome as it is to be written down: what was tried while the brake is on is not to blame."""
        what = _what_is_wrong(fields, error)
        if not what:
            self._release()
        elif self.is_probing:
            return {"state": Message.State.DUE, "due_at": min(now + NOT_THIS_ONE, message.expires_at)}
        else:
            self._count(NAME + what)
        return fields

    def check(self, now: datetime) -> None:
        """Raises Braked when that was one too many, or the one that was tried for all."""
        if self.row is None or self.row.tokens < ENOUGH:
            return
        if not self.is_probing:
            log.error("No mail goes out any more (%s): somebody must look", self.row.name.removeprefix(NAME))
            relays.failed(self.row.name, now)
        raise Braked(self.row.name)

    def _count(self, name: str) -> None:
        number = self.row.tokens + 1 if self.row and self.row.name == name else 1
        self._release()
        self.row = Relay(name=name, tokens=number)
        Relay.objects.bulk_create([self.row], update_conflicts=True, unique_fields=["name"], update_fields=["tokens"])

    def _release(self) -> None:
        if self.row:
            Relay.objects.filter(name__startswith=NAME).delete()
        self.row, self.is_probing = None, False


def _what_is_wrong(fields: dict[str, Any], error: str) -> str:
    """“unwritable KeyError”, “refused 550 5.7.1”; empty for what says nothing about the others, such as its size."""
    reason = fields.get("reason")
    if fields["state"] != Message.State.HELD or reason not in ("unwritable", "refused"):
        return ""
    reply = f"{fields.get('reply_code') or ''} {fields.get('reply_enhanced') or ''}".strip()
    return f"{reason} {error or reply}"
