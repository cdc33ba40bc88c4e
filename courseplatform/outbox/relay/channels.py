"""The way out: one reused connection to the relay, and never more than the relay takes (DELIVERY §9)."""

import re
import smtplib
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends import smtp

from courseplatform.outbox.operating import metrics
from courseplatform.outbox.relay import mailfolder, relays
from courseplatform.outbox.relay.replies import (
    BadAddress,
    InDoubt,
    Postponed,
    Refused,
    RelayTrouble,
    Reply,
    Undelivered,
    meaning_of,
)
from courseplatform.outbox.sending.database_clock import boot_time
from courseplatform.outbox.sending.steps import step
from courseplatform.outbox.writing.mail import Mail

__all__ = [
    "BadAddress", "Channel", "InDoubt", "Postponed", "Refused", "RelayTrouble", "Reply",
    "SmtpBackend", "Undelivered", "open_channel",
]  # fmt: skip

MOST_MAILS, LONGEST = 100, 60  # that one connection carries, and seconds that it is kept
GOODBYE = 5  # seconds that a relay gets to answer QUIT
AT_ONCE = 20  # mails that are asked room for at a time
LINE_BEGINS_WITH_DOT = re.compile(rb"(?m)^\.")
ANSWERS_TO_DOT = (*range(400, 600), 250)


def nothing_to_check() -> None:
    """For a mail that may leave in any case."""


class Channel(Protocol):
    """Hands mails over, one at a time: each is settled before the next, so that one crash leaves one in doubt."""

    def room(self, wanted: int) -> int:
        """How many mails it takes now, at most `wanted`; 0 means leave it alone for a while."""

    def send(self, mail: Mail, before_dot: Callable[[], None] = nothing_to_check) -> Reply:
        """Raises Undelivered for anything but acceptance. Never called inside a database transaction.

        `before_dot` is called when all but the final dot has left; what it raises stops the mail, and hangs up.
        """

    def close(self) -> None:
        """Hangs up; the next send calls again."""


@contextmanager
def open_channel(now: datetime) -> Iterator[Channel]:
    """A channel for one pass that begins at that instant."""
    backend: Any = get_connection()
    channel = _channel_of(backend, now)
    try:
        yield channel
    finally:
        channel.close()


def _channel_of(backend: Any, now: datetime) -> Channel:
    if isinstance(backend, SmtpBackend):
        return RelayChannel(backend, now)
    return FolderChannel(backend) if isinstance(backend, mailfolder.EmailBackend) else PlainChannel(backend)


class PlainChannel:
    """Any of Django's own ways out, such as a test's memory."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend

    def room(self, wanted: int) -> int:
        return wanted

    def send(self, mail: Mail, before_dot: Callable[[], None] = nothing_to_check) -> Reply:
        step("before_dot")
        before_dot()
        try:
            self._hand_over(mail)
        except (OSError, ValueError) as error:
            raise meaning_of(error, dot_is_out=False) from error
        return Reply()

    def close(self) -> None:
        self.backend.close()

    def _hand_over(self, mail: Mail) -> None:
        self.backend.send_messages([mail.as_django()])


class FolderChannel(PlainChannel):
    """The embedded mode's folder keeps a mail as it would have travelled."""

    def _hand_over(self, mail: Mail) -> None:
        self.backend.keep(mail.content)


class RelayChannel:
    """A relay over SMTP: one connection for a hundred mails or a minute, and a breaker that all senders share."""

    def __init__(self, backend: "SmtpBackend", now: datetime) -> None:
        self.backend, self.relay = backend, f"{backend.host}:{backend.port}"
        self.began, self.began_at = now, boot_time()
        self.granted, self.is_counted, self.is_probing = 0, False, False
        self.was_in_doubt = False
        self.carried, self.opened_at = 0, 0.0

    def room(self, wanted: int) -> int:
        if self.granted < wanted and not self.is_probing:
            grant = relays.take(self.relay, self._now(), wanted - self.granted)
            self.granted, self.is_probing = self.granted + grant.mails, grant.is_probe
            self.is_counted = grant.is_counted
        return self.granted

    def send(self, mail: Mail, before_dot: Callable[[], None] = nothing_to_check) -> Reply:
        if not self.granted and not self.room(AT_ONCE):
            raise RelayTrouble
        self.granted -= 1
        try:
            self._hand_over(mail, before_dot)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            trouble = self._trouble(error)
            metrics.count_reply(trouble.code)
            raise trouble from error
        except BaseException:
            self._drop()
            raise
        self._is_well()
        metrics.count_reply(Reply().code)
        return Reply()

    def close(self) -> None:
        if self.granted and self.is_counted:
            relays.give_back(self.relay, self.granted)
        self.granted = 0
        self._hang_up()

    def _hand_over(self, mail: Mail, before_dot: Callable[[], None]) -> None:
        if not is_plain(mail.recipient):
            raise ValueError("An address that SMTP has no letters for.")
        smtp = self._call()
        self.carried += 1
        smtp.before_dot = before_dot
        smtp.ehlo_or_helo_if_needed()
        options = ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []
        smtp.sendmail(mail.sender, [mail.recipient], mail.content, options)

    def _call(self) -> "PatientSMTP":
        if self.carried >= MOST_MAILS or boot_time() - self.opened_at >= LONGEST:
            self._hang_up()
        if self.backend.open():
            self.carried, self.opened_at = 0, boot_time()
        return cast(PatientSMTP, self.backend.connection)

    def _trouble(self, error: Exception) -> Undelivered:
        smtp = self.backend.connection
        trouble = meaning_of(error, dot_is_out=getattr(smtp, "dot_is_out", False))
        if isinstance(trouble, RelayTrouble | InDoubt):
            self._drop()
            self._blame_relay(trouble)
        else:
            self._is_well()
        if isinstance(trouble, Refused):
            relays.alert(self.relay, trouble)
        return trouble

    def _blame_relay(self, trouble: RelayTrouble | InDoubt) -> None:
        """One mail in doubt may be that mail's fault; a second in a row is the relay's."""
        if isinstance(trouble, RelayTrouble) or self.was_in_doubt or self.is_probing:
            relays.failed(self.relay, self._now())
            self.granted, self.is_probing = 0, False
        self.was_in_doubt = isinstance(trouble, InDoubt)

    def _is_well(self) -> None:
        """Whatever it says about a mail, it answers."""
        self.was_in_doubt = False
        if self.is_probing:
            relays.answered(self.relay)
            self.is_probing = False

    def _now(self) -> datetime:
        return self.began + timedelta(seconds=boot_time() - self.began_at)

    def _hang_up(self) -> None:
        if self.backend.connection and self.backend.connection.sock:
            self.backend.connection.sock.settimeout(GOODBYE)
        with suppress(OSError, smtplib.SMTPException):
            self.backend.close()

    def _drop(self) -> None:
        """Without a word: who does not answer is not waited for again."""
        if self.backend.connection:
            self.backend.connection.close()
        self.backend.connection = None


class PatientSMTP(smtplib.SMTP):
    """Knows whether the final dot is out, looks again directly before it, and waits long for the answer to it."""

    dot_is_out = False
    before_dot: Callable[[], None] = staticmethod(nothing_to_check)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        sock = super()._get_socket(host, port, min(timeout, settings.EMAIL_CONNECT_TIMEOUT))  # type: ignore[misc]
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the dot leaves by itself, and at once
        return sock

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """As the library's, but the address is not taken apart: ours are plain."""
        return self.docmd("mail", " ".join((f"from:<{sender}>", *options)))

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """The same; `is_plain` has seen it."""
        return self.docmd("rcpt", " ".join((f"to:<{recip}>", *options)))

    def data(self, msg: Any) -> tuple[int, bytes]:
        """As the library's, but the dot leaves only when everything else has."""
        self.putcmd("data")
        code, words = self.getreply()
        if code != 354:
            return (code if code >= 400 else 0), words  # the library then takes the mail back, and raises
        # On a line of its own, or the relay takes it for the last word's full stop and waits for more.
        self.send(LINE_BEGINS_WITH_DOT.sub(b"..", msg) + (b"" if msg.endswith(b"\r\n") else b"\r\n"))
        step("before_dot")
        self.before_dot()
        return self._dot()

    def _dot(self) -> tuple[int, bytes]:
        self.dot_is_out = True
        self.send(b".\r\n")
        step("after_dot")
        if self.sock:
            self.sock.settimeout(settings.EMAIL_DOT_TIMEOUT)
        code, words = self.getreply()
        if code not in ANSWERS_TO_DOT:
            raise smtplib.SMTPServerDisconnected("No answer to the final dot that anybody could read.")
        self.dot_is_out = False
        if self.sock:
            self.sock.settimeout(self.timeout)
        return code, words


class PatientSMTPOverTLS(PatientSMTP, smtplib.SMTP_SSL):
    """The same where the connection begins with TLS."""


class SmtpBackend(smtp.EmailBackend):
    """Django's backend on a connection that knows how far it got. Certificates are checked."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return PatientSMTPOverTLS if self.use_ssl else PatientSMTP


def is_plain(address: str) -> bool:
    """Whether SMTP can carry the address as it is: printable ASCII and no blank."""
    return address.isascii() and address.isprintable() and " " not in address
