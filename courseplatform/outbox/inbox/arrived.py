"""A mail that came in, opened no further than anybody may make us: whoever wrote it may mean harm."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import getaddresses
from functools import cached_property
from itertools import count

from django.conf import settings

# A report of undelivered mail with our own mail inside has about fifteen parts. Each costs a look at every line.
MOST_PARTS, MOST_HEADERS, LONGEST_HEADER = 30, 500, 8_000
MOST_ALIKE = 20  # headers of one name that are looked at
ADDRESSED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
AUTOMATIC = ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond", "List-Id")  # whatever they say
MASSES = {"bulk", "junk", "list", "auto_reply"}
NO_FILES = {"text/calendar", "application/ics", "application/pkcs7-signature", "application/pgp-signature"}
ASIDE = re.compile(r'"(?:[^"\\]|\\.)*"|\([^()]*\)')  # strings and comments: anybody's words
VERDICT = re.compile(r"(?:^|;)\s*(dmarc|spf|dkim)\s*=\s*(\w+)", re.IGNORECASE)


class Unreadable(Exception):
    """More parts or headers than a mail to us can have."""


class _Bounded(Message):
    def set_raw(self, name: str, value: str) -> None:
        if len(self) >= MOST_HEADERS or len(value) > LONGEST_HEADER:
            raise Unreadable
        super().set_raw(name, value)


def opened(raw: bytes) -> "Arrived":
    """The mail of these bytes, however broken. Raises Unreadable before it has cost much."""
    return Arrived(BytesParser(_bounded_parts(), policy=compat32).parsebytes(raw))


def _bounded_parts() -> Callable[..., Message]:
    made = count()

    def part(**options: object) -> Message:
        if next(made) > MOST_PARTS:
            raise Unreadable
        return _Bounded(**options)  # type: ignore[arg-type]

    return part


@dataclass(frozen=True)
class Arrived:
    """What its readers ask of a mail. Nothing it says is to be kept, logged or sent."""

    mail: Message

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """To whom it was delivered as far as the relays noted it, then to whom it is addressed."""
        return tuple(address for header in ADDRESSED for address in addresses(self.mail, header))

    @cached_property
    def sender(self) -> str:
        """Who says to have written it, in lower case; empty where that is nobody or more than one."""
        found = addresses(self.mail, "From")
        return found[0].casefold() if len(found) == 1 else ""

    @cached_property
    def is_automatic(self) -> bool:
        """Out of office, a list, a receipt: no person wrote it to us."""
        submitted = _word(self.mail, "Auto-Submitted")
        return (
            submitted not in ("", "no")
            or _word(self.mail, "Precedence") in MASSES
            or any(header in self.mail for header in AUTOMATIC)
            or _word(self.mail, "Return-Path") == "<>"
        )

    @cached_property
    def is_denied(self) -> bool:
        """Whether our own relay found that the sender is somebody else (RFC 8601): DMARC decides where it was asked."""
        found = [verdict for header in _ours(self.mail) for verdict in VERDICT.findall(header)]
        verdicts = {(method.lower(), said.lower()) for method, said in found}
        by_policy = {said for method, said in verdicts if method == "dmarc"}
        return "fail" in (by_policy or {said for _method, said in verdicts})

    @cached_property
    def has_files(self) -> bool:
        """Whether somebody sent a file along; a picture in a signature, an invitation and a seal are none."""
        return any(map(_is_file, self.mail.walk()))

    def parts(self, kind: str) -> Iterator[Message]:
        """Those of a content type that are not attached files."""
        for part in self.mail.walk():
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
                yield part


def _is_file(part: Message) -> bool:
    """Attached, or set into the text by a telephone: pictures that the text itself calls for have a Content-ID."""
    if part.get_content_type() in NO_FILES:
        return False
    place = part.get_content_disposition()
    return place == "attachment" or (place == "inline" and bool(part.get_filename()) and "Content-ID" not in part)


def addresses(mail: Message, header: str) -> list[str]:
    """The addresses in all headers of that name, as written."""
    values = [str(value) for value in mail.get_all(header, [])[:MOST_ALIKE]]
    return [address for _name, address in getaddresses(values) if "@" in address]


def text_of(part: Message) -> str:
    """A part's text, whatever its charset claims to be; broken letters become question marks."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, UnicodeError):  # unknown, or no charset at all
        return raw.decode("utf-8", "replace")


def _word(mail: Message, header: str) -> str:
    return str(mail.get(header, "")).partition(";")[0].partition("(")[0].strip().lower()


def _without_asides(value: str) -> str:
    for _comment_in_a_comment in range(5):
        value = ASIDE.sub(" ", value)
    return value


def _ours(mail: Message) -> Iterator[str]:
    """Authentication-Results that our own relay wrote; it takes away what others wrote under its name."""
    for value in mail.get_all("Authentication-Results", [])[:MOST_ALIKE]:
        server, _semicolon, results = _without_asides(str(value)).partition(";")
        if settings.INBOX_AUTHSERV_ID and server.split()[:1] == [settings.INBOX_AUTHSERV_ID]:
            yield results
