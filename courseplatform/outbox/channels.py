"""The way out: one reused connection, and what a relay's answer means for the message (DELIVERY §9)."""

import re
import smtplib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp

from courseplatform.outbox.steps import step

CONNECT_TIMEOUT, DOT_TIMEOUT = 10, 600  # seconds; the setting EMAIL_TIMEOUT bounds everything between
DOT = b"\r\n.\r\n"
TOO_BIG = 552
POLICY_WORDS = re.compile(r"policy|spam|blocked|denied|reputation|blacklist|not allowed|prohibited", re.IGNORECASE)
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


class Undelivered(Exception):
    """Something other than acceptance. `code` and `enhanced` are the relay's own words, where it said any."""

    def __init__(self, code: int = 0, enhanced: str = "") -> None:
        super().__init__(f"{code} {enhanced}".strip())
        self.code, self.enhanced = code or None, enhanced


class RelayTrouble(Undelivered):
    """The relay, not the message: give the batch back untouched."""


class Postponed(Undelivered):
    """This message, for now: try again later."""


class BadAddress(Undelivered):
    """Nobody is at that address; no use in trying again."""


class Refused(Undelivered):
    """The relay will not take this from us: a person must look."""


class InDoubt(Undelivered):
    """The relay may have taken it; the connection was gone before it could say so."""


@dataclass(frozen=True)
class Reply:
    """What acceptance looked like."""

    code: int = 250


def nothing_to_check() -> None:
    """For a mail that may leave in any case."""


class TracedSMTP(smtplib.SMTP):
    """Knows whether a message's text had begun to leave, and waits long enough for the answer to the final dot."""

    in_data = False
    before_dot: Callable[[], None] = staticmethod(nothing_to_check)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        sock = super()._get_socket(host, port, min(timeout, CONNECT_TIMEOUT))  # type: ignore[misc]
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot follows its text at once
        return sock

    def send(self, s: Any) -> None:
        """The final dot travels alone, so that the last look is directly before it: without it nothing is accepted."""
        if not (self.in_data and isinstance(s, bytes) and s.endswith(DOT)):
            return super().send(s)
        super().send(s[: -len(DOT)] + b"\r\n")
        step("before_dot")
        self.before_dot()
        super().send(DOT[2:])
        step("after_dot")
        return None

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.in_data = True
        if self.sock:
            self.sock.settimeout(DOT_TIMEOUT)
        answer = super().data(msg)
        if self.sock:
            self.sock.settimeout(self.timeout)
        self.in_data = False
        return answer


class TracedSMTPOverTLS(TracedSMTP, smtplib.SMTP_SSL):
    """The same where the connection begins with TLS."""


class SmtpBackend(smtp.EmailBackend):
    """Django's backend on a connection that knows how far it got."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return TracedSMTPOverTLS if self.use_ssl else TracedSMTP

    @property
    def was_in_data(self) -> bool:
        return bool(getattr(self.connection, "in_data", False))


class Channel:
    """Sends one mail at a time over one connection, opened when first needed."""

    def __init__(self) -> None:
        self.backend: Any = get_connection()

    def send(self, mail: EmailMessage, before_dot: Callable[[], None] = nothing_to_check) -> Reply:
        """Raises one of the errors above. Never called inside a database transaction.

        `before_dot` is called when all but the final dot has left; what it raises stops the mail, and hangs up.
        """
        try:
            self.backend.open()
            self._check_before_dot(before_dot)
            self.backend.send_messages([mail])
        except (OSError, ValueError, smtplib.SMTPException) as error:
            trouble = meaning_of(error, in_data=getattr(self.backend, "was_in_data", False))
            if isinstance(trouble, RelayTrouble | InDoubt):
                self.close()
            raise trouble from error
        except BaseException:
            self.close()
            raise
        return Reply()

    def _check_before_dot(self, check: Callable[[], None]) -> None:
        if isinstance(self.backend, SmtpBackend):
            self.backend.connection.before_dot = check
        else:
            step("before_dot")
            check()

    def close(self) -> None:
        """Hangs up; the next send calls again."""
        if getattr(self.backend, "was_in_data", False):  # a QUIT would be taken for text, and never be answered
            self.backend.connection.close()
            self.backend.connection = None
        with suppress(OSError, smtplib.SMTPException):
            self.backend.close()


@contextmanager
def open_channel() -> Iterator[Channel]:
    """A channel for one batch."""
    channel = Channel()
    try:
        yield channel
    finally:
        channel.close()


def meaning_of(error: Exception, *, in_data: bool) -> Undelivered:
    """The table of DELIVERY §9."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _of_reply(code, _words(text))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return RelayTrouble(error.smtp_code, _enhanced(_words(error.smtp_error)))
    if isinstance(error, smtplib.SMTPDataError):
        return _of_reply(error.smtp_code, _words(error.smtp_error), at_data=True)
    if isinstance(error, ValueError):  # an address or a header our own encoder will not write
        return BadAddress()
    return InDoubt() if in_data else RelayTrouble(getattr(error, "smtp_code", 0))


def _of_reply(code: int, text: str, *, at_data: bool = False) -> Undelivered:
    enhanced = _enhanced(text)
    if code == 421:
        return RelayTrouble(code, enhanced)
    if code < 500 or enhanced == "5.2.2":
        return Postponed(code, enhanced)
    if enhanced.startswith("5.1.") or enhanced == "5.2.1":
        return BadAddress(code, enhanced)
    says_unknown = not at_data and not enhanced and code in (550, 551, 553) and not POLICY_WORDS.search(text)
    return BadAddress(code, enhanced) if says_unknown else Refused(code, enhanced)


def _enhanced(text: str) -> str:
    found = ENHANCED.search(text)
    return found[1] if found else ""


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
