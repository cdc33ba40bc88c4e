"""One calendar mail: from our skeleton, by the libraries for each person, and by hand (DELIVERY §13)."""

from base64 import encodebytes
from collections.abc import Callable, Iterator
from datetime import UTC

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from icalendar import Calendar, Event, vCalAddress, vText

from bench.measuring import Result, durations, processor_seconds
from bench.messages import invitations, loaded, world
from courseplatform.outbox.models import Message
from courseplatform.outbox.writing import itip
from courseplatform.outbox.writing.composing import compose, html, in_bytes
from courseplatform.outbox.writing.skeletons import written
from courseplatform.outbox.writing.wording import letter
from tests.faults.world import TUESDAY

MAILS = 500
UNIT = "µs/mail"


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here:
        invitations(here, MAILS)
        yield from _compared(loaded())


def _compared(messages: list[Message]) -> Iterator[Result]:
    assert len({written(one, [], TUESDAY).content for one in messages}) == MAILS  # the skeleton is made now
    plain, by_hand = Plain(messages[0]), ByHand(messages[0])

    def each(write: Callable[[Message], object]) -> Callable[[], float]:
        return lambda: processor_seconds(lambda: [write(one) for one in messages]) / MAILS * 1e6

    ours = each(lambda one: written(one, [], TUESDAY))
    cases = (
        ("one calendar mail; Django and icalendar, words ready", each(plain.write), 8),
        (
            "one calendar mail; Django and icalendar, words rendered",
            each(_slowly),
            8,
        ),
        ("one calendar mail; strings filled in by hand", each(by_hand.write), 0.2),
    )
    for name, baseline, target in cases:
        yield durations(name, ours, baseline, unit=UNIT, target=target)


def _slowly(message: Message) -> bytes:
    """The very same mail as from the skeleton."""
    return in_bytes(compose(message, [], TUESDAY))


class Plain:
    """One `EmailMultiAlternatives` and one `icalendar.Event` for each person; text and HTML have only gaps to fill."""

    def __init__(self, specimen: Message) -> None:
        with translation.override(specimen.person.language), timezone.override(specimen.tzid):
            words = letter([specimen])
            self.html, self.subject = html(words), words.subject
        self.text = "\n".join(line for part in words.parts for line in (part.headline, *part.facts, part.url))

    def write(self, message: Message) -> bytes:
        cohort, entry = message.enrolment.cohort, self._entry(message)
        mail = EmailMultiAlternatives(
            self.subject,
            self.text.replace("{id}", str(message.pk)),
            cohort.mailbox,
            [message.person.email],
            headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(self.html.replace("{id}", str(message.pk)), "text/html")
        mail.attach_alternative(entry.decode(), "text/calendar; method=REQUEST")
        mail.attach("workshop.ics", entry, "application/ics")
        return mail.message().as_bytes(linesep="\r\n")

    def _entry(self, message: Message) -> bytes:
        workshop, event, calendar = message.workshop, Event(), Calendar()
        event.add("uid", workshop.ics_uid)
        event.add("sequence", workshop.ics_sequence)
        event.add("dtstamp", TUESDAY.astimezone(UTC))
        event.add("dtstart", workshop.starts_at)
        event.add("dtend", workshop.ends_at)
        event.add("summary", self.subject)
        event.add("location", workshop.place)
        attendee = vCalAddress(f"mailto:{message.person.email}")
        attendee.params["CN"] = vText(message.person.display_name)
        event.add("attendee", attendee)
        for name, value in (("prodid", "-//Bench//"), ("version", "2.0"), ("method", "REQUEST")):
            calendar.add(name, value)
        calendar.add_component(event)
        return calendar.to_ical()


class ByHand:
    """The specimen's own bytes with the address, the name and the ids of the next one put in; nothing is checked."""

    def __init__(self, specimen: Message) -> None:
        with translation.override(specimen.person.language):
            entry = itip.entry(specimen, TUESDAY)
        whole = written(specimen, [], TUESDAY).content
        whole = whole.replace(_encoded(entry), b"%(file)s").replace(entry, b"%(entry)s")
        self.entry, self.whole = (self._with_gaps(text, specimen) for text in (entry, whole))

    def _with_gaps(self, text: bytes, specimen: Message) -> bytes:
        text = text.replace(b"%", b"%%")
        for gap in (b"%(entry)s", b"%(file)s"):
            text = text.replace(b"%" + gap, gap)
        for name, value in _own(specimen).items():
            text = text.replace(value, b"%(" + name + b")s")
        return text

    def write(self, message: Message) -> bytes:
        own = _own(message)
        entry = self.entry % own
        return self.whole % (own | {b"entry": entry, b"file": _encoded(entry)})


def _own(message: Message) -> dict[bytes, bytes]:
    person = message.person
    return {
        b"to": person.email.encode(),
        b"name": person.display_name.encode(),
        b"hex": message.pk.hex.encode(),
        b"id": str(message.pk).encode(),
    }


def _encoded(entry: bytes) -> bytes:
    return encodebytes(entry).replace(b"\n", b"\r\n").rstrip()
