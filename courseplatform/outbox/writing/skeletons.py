"""The same mail for many people: the libraries write it once, for a specimen, and each person's own words are put in.

A skeleton is only used after it has shown that it writes, to the byte, what the libraries write; and only for values
that every part of a mail can carry as they are. Anything odd goes to the libraries.
"""

import re
import secrets
from base64 import encodebytes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from django.conf import settings
from django.utils import translation
from icalendar.parser import Contentline

from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Workshop
from courseplatform.outbox.inbox.tokens import envelope_sender, reply_address, unsubscribe_token
from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import preference_of
from courseplatform.outbox.writing import itip
from courseplatform.outbox.writing.composing import compose, in_bytes
from courseplatform.outbox.writing.mail import Mail
from courseplatform.outbox.writing.wording import answered_by_mail
from courseplatform.people.models import NotificationPreference, User

Kind = Message.Kind
# A welcome says what its reader came too late for: no two are alike.
ALIKE = (Kind.PROMPT, Kind.REMINDER, Kind.SURVEY, Kind.CONVERSATION, Kind.EVENT)
MOST_TOGETHER = 3
MOST_KEPT = 1000  # about twenty thousand octets each
# Nothing that HTML, iCalendar or a header would write differently. A blank makes iCalendar put any name in quotes.
PLAIN_NAME = re.compile(r"\w[\w.\-]{0,40} [\w .\-]{0,60}")
PLAIN_ADDRESS = re.compile(r"[a-z0-9._+\-]{1,40}@[a-z0-9.\-]{1,30}")
LONGEST_LINE = 75  # octets (RFC 5545)

MET_ONCE = "met once"
_known: dict[object, "Skeleton | str | None"] = {}  # None: this kind is always written by the libraries


def written(lead: Message, others: list[Message], now: datetime) -> Mail:
    """The mail for these messages, ready to go. Raises KeyError when the version lacks a template."""
    values = _values(lead, others, now)
    skeleton = _skeleton(lead, others) if values else None
    content = skeleton.filled(values) if skeleton and values else in_bytes(compose(lead, others, now))
    return Mail(envelope_sender(lead), lead.person.email, content, lambda: compose(lead, others, now))


# --- Filling in ------------------------------------------------------------------------------------------------------
Values = dict[str, str]


def _values(lead: Message, others: list[Message], now: datetime) -> Values | None:
    """What differs between two people who get the same mail; None where a value is out of the ordinary."""
    values = {
        "to": lead.person.email,
        "name": lead.person.display_name,
        "date": _date(now),
        "stamp": now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"),
        "hex": lead.pk.hex,
    }
    if lead.kind != Kind.EVENT:  # what cannot be muted has no way out
        values["token"] = unsubscribe_token(lead)
    if answered := answered_by_mail([lead, *others]):
        values["answer"] = reply_address(answered)
    names = [lead.person.display_name]
    for number, message in enumerate((lead, *others)):
        values[f"id{number}"] = str(message.pk)
        if message.is_for_sponsor:
            names.append(message.enrolment.person.display_name)
            values[f"participant{number}"] = names[-1]
    is_plain = PLAIN_ADDRESS.fullmatch(lead.person.email) and all(map(PLAIN_NAME.fullmatch, names))
    return values if is_plain else None


@lru_cache(maxsize=4)
def _date(now: datetime) -> str:
    return format_datetime(now.astimezone(UTC))


@dataclass(frozen=True)
class Text:
    """Bytes with gaps: fixed piece, gap, fixed piece, gap, … fixed piece."""

    fixed: tuple[bytes, ...]
    gaps: tuple[str, ...]

    def filled(self, values: dict[str, bytes]) -> bytes:
        pieces: list[bytes] = [b""] * (2 * len(self.gaps) + 1)
        pieces[::2] = self.fixed
        pieces[1::2] = [values[gap] for gap in self.gaps]
        return b"".join(pieces)


@dataclass(frozen=True)
class Skeleton:
    """One mail without what is a person's own, and the calendar entry in it: each line with a gap by itself."""

    mail: Text
    entry: tuple[bytes | Text, ...]

    def filled(self, values: Values) -> bytes:
        words = {gap: value.encode() for gap, value in values.items()}
        if self.entry:
            entry = b"".join(line if isinstance(line, bytes) else fold(line.filled(words)) for line in self.entry)
            words |= _both_ways(entry)
        return self.mail.filled(words)


def _both_ways(entry: bytes) -> dict[str, bytes]:
    """As a part that can be read, and as a file."""
    return {"entry": entry, "file": encodebytes(entry).replace(b"\n", b"\r\n").rstrip()}


def fold(line: bytes) -> bytes:
    """An iCalendar line with its CRLF, in pieces of at most 75 octets. As the library, faster for ASCII."""
    if len(line) < LONGEST_LINE:
        return line + b"\r\n"
    if not line.isascii() or b"\\" in line or b"^" in line:
        return bytes(Contentline(line.decode()).to_ical()) + b"\r\n"  # type: ignore[no-untyped-call]
    step = LONGEST_LINE - 1
    return b"\r\n ".join(line[at : at + step] for at in range(0, len(line), step)) + b"\r\n"


# --- Making one ------------------------------------------------------------------------------------------------------
def _skeleton(lead: Message, others: list[Message]) -> Skeleton | None:
    """The skeleton for mails of just this kind; None where there can be none."""
    messages = (lead, *others)
    if len(messages) > MOST_TOGETHER or any(message.kind not in ALIKE for message in messages):
        return None
    key = _key(messages)
    if key not in _known:
        _meet(key)
    elif _known[key] is MET_ONCE:
        _known[key] = _made(lead, others)
    known = _known[key]
    return known if isinstance(known, Skeleton) else None


def _meet(key: object) -> None:
    """The first mail of its kind may stay the only one: a skeleton costs two."""
    if len(_known) >= MOST_KEPT:
        _known.clear()
    _known[key] = MET_ONCE


_of_message = attrgetter(
    "kind", "template", "template_version", "is_follow_up", "is_for_sponsor", "channel", "generation", "tzid"
)
_of_cohort = attrgetter(
    *(field.attname for field in Cohort._meta.concrete_fields), "owner_hr.email", "municipality.name",
    "municipality.mail_domain", "municipality.timezone",
)  # fmt: skip
_of_workshop = attrgetter(*(field.attname for field in Workshop._meta.concrete_fields))
_of_meeting = attrgetter(*(field.attname for field in GroupMeeting._meta.concrete_fields))


def _key(messages: tuple[Message, ...]) -> object:
    """All that the words depend on and that is not a person's own."""
    person = messages[0].person
    reader = (person.language, preference_of(messages[0]).digest)
    place = (settings.SITE_URL, settings.MAIL_DOMAIN, settings.ANSWERS_BY_MAIL)
    return (reader, place, *map(_about, messages))


def _about(message: Message) -> object:
    workshop, meeting = message.workshop, message.meeting
    return (
        _of_message(message),
        message.anchor,
        _of_cohort(message.enrolment.cohort),
        _of_workshop(workshop) if workshop else None,
        _of_meeting(meeting) if meeting else None,
    )


def _made(lead: Message, others: list[Message]) -> Skeleton | None:
    """Cut from one specimen, tried on another."""
    skeleton = _cut(*_specimen(lead, others))
    mine, theirs, now = _specimen(lead, others)
    values = _values(mine, theirs, now)
    return skeleton if values and skeleton.filled(values) == in_bytes(compose(mine, theirs, now)) else None


def _cut(lead: Message, others: list[Message], now: datetime) -> Skeleton:
    gaps = {value.encode(): gap for gap, value in (_values(lead, others, now) or {}).items()}
    if lead.channel != Message.Channel.CALENDAR:
        return Skeleton(_text(in_bytes(compose(lead, others, now)), gaps), ())
    place = f"entry {secrets.token_hex(16)}".encode()
    whole = in_bytes(compose(lead, others, now, entry=place))
    gaps |= {value: gap for gap, value in _both_ways(place).items()}
    with translation.override(lead.person.language):
        lines = itip.entry(lead, now).replace(b"\r\n ", b"").split(b"\r\n")[:-1]
    return Skeleton(_text(whole, gaps), tuple(_in_few_pieces(_line(line, gaps) for line in lines)))


def _line(line: bytes, gaps: dict[bytes, str]) -> bytes | Text:
    text = _text(line, gaps)
    return text if text.gaps else fold(line)


def _in_few_pieces(lines: Iterable[bytes | Text]) -> Iterator[bytes | Text]:
    """What is the same for everybody from one gap to the next is one piece."""
    for is_fixed, group in groupby(lines, lambda line: isinstance(line, bytes)):
        if is_fixed:
            yield b"".join(line for line in group if isinstance(line, bytes))
        else:
            yield from group


def _text(whole: bytes, gaps: dict[bytes, str]) -> Text:
    pieces = re.split(b"(" + b"|".join(map(re.escape, gaps)) + b")", whole)
    return Text(tuple(pieces[::2]), tuple(gaps[value] for value in pieces[1::2]))


def _specimen(lead: Message, others: list[Message]) -> tuple[Message, list[Message], datetime]:
    """The same messages to somebody who does not exist, at a time when nobody was written to.

    Made anew from what the key holds: whatever else a mail said, it could not be about a real person.
    """
    preference = NotificationPreference(digest=preference_of(lead).digest)
    reader = _nobody(lead.person.language)
    reader.notification_preference = preference
    mine, *theirs = [_readdressed(message, reader) for message in (lead, *others)]
    return mine, theirs, datetime(1999, 12, 31, 23, secrets.randbelow(60), 59, tzinfo=UTC)


def _nobody(language: str) -> User:
    name = secrets.token_hex(10)
    return User(email=f"nobody-{name}@nowhere.example", display_name=f"Nobody {name[::-1]}", language=language)


def _readdressed(message: Message, reader: User) -> Message:
    participant = _nobody(reader.language) if message.is_for_sponsor else reader
    return Message(
        pk=UUID(bytes=secrets.token_bytes(16)),
        enrolment=Enrolment(cohort=message.enrolment.cohort, person=participant),
        person=reader,
        kind=message.kind,
        template=message.template,
        template_version=message.template_version,
        occurrence_key=message.anchor,
        is_follow_up=message.is_follow_up,
        channel=message.channel,
        generation=message.generation,
        tzid=message.tzid,
        workshop=message.workshop,
        meeting=message.meeting,
    )
