"""Messages become one mail: plain text, HTML laid out by MJML, and headers that other machines read (MODEL P9).

All of it by the libraries. `skeletons.py` does the same faster where many get the same.
"""

import secrets
from datetime import UTC, datetime
from email.message import Message as Part
from email.utils import format_datetime, formataddr
from functools import lru_cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import mjml
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine, Template, engines
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.inbox.tokens import unsubscribe_token
from courseplatform.outbox.models import Message
from courseplatform.outbox.writing import itip
from courseplatform.outbox.writing.letters import Letter, absolute
from courseplatform.outbox.writing.wording import letter
from courseplatform.people import local_dates

EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"
BOUNDARY = f"=_{secrets.token_hex(16)}"  # of this process; nothing that anybody writes can contain it


def compose(lead: Message, others: list[Message], now: datetime, entry: bytes | None = None) -> EmailMultiAlternatives:
    """The mail for these messages, in the language its reader has chosen at this moment.

    `entry` is what goes into the calendar where it is known already. Reads questions and facts, never an answer
    (MODEL I20). Raises KeyError when the version lacks a template.
    """
    with translation.override(lead.person.language), timezone.override(ZoneInfo(lead.tzid)):
        mail = _written(lead, letter([lead, *others]), now)
        if lead.channel == Message.Channel.CALENDAR:
            _attach_calendar(mail, lead, entry or itip.entry(lead, now))
    return mail


def in_bytes(mail: EmailMultiAlternatives) -> bytes:
    """As it travels: CRLF, and the same words always become the same bytes."""
    whole = mail.message()
    for number, part in enumerate(whole.walk()):
        _settle_form(part, number)
    return whole.as_bytes(linesep="\r\n")  # type: ignore[call-arg]


def _settle_form(part: Part, number: int) -> None:
    """What the libraries choose by chance or by the letters they meet."""
    if part.is_multipart():
        part.set_boundary(f"{BOUNDARY}.{number}")
    elif part["Content-Transfer-Encoding"] == "7bit":
        part.replace_header("Content-Transfer-Encoding", "8bit")


def _written(lead: Message, words: Letter, now: datetime) -> EmailMultiAlternatives:
    cohort = lead.enrolment.cohort
    mail = EmailMultiAlternatives(
        subject=words.subject.replace(local_dates.NO_BREAK, " "),
        body=render_to_string("emails/letter.txt", {"letter": words}).strip() + "\n",
        from_email=formataddr((cohort.name, cohort.mailbox)),
        to=[lead.person.email],
        reply_to=[words.reply_to or cohort.owner_hr.email],
        headers=_headers(lead, cohort, now) | _way_out(lead),
    )
    mail.attach_alternative(html(words), "text/html")
    return mail


def _attach_calendar(mail: EmailMultiAlternatives, lead: Message, entry: bytes) -> None:
    """Beside text and HTML for programs with answer buttons, and as a file for all others."""
    mail.attach_alternative(entry.decode(), f"text/calendar; method={itip.method_of(lead)}")
    mail.attach("meeting.ics" if lead.meeting_id else "workshop.ics", entry, "application/ics")


def _headers(lead: Message, cohort: Cohort, now: datetime) -> dict[str, str]:
    name, _at, domain = cohort.mailbox.partition("@")
    return {
        "Message-ID": lead.message_id,
        "Date": format_datetime(now.astimezone(UTC)),
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<{name}.{domain}>",
        "Content-Language": translation.get_language() or "da",
    }


def _way_out(lead: Message) -> dict[str, str]:
    """One click in the reader's own program stops this kind of message (RFC 8058). Not for what cannot be muted."""
    if lead.kind == Message.Kind.EVENT:
        return {}
    address = absolute(reverse("unsubscribe", args=[unsubscribe_token(lead)]))
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def html(words: Letter) -> str:
    """The letter laid out; every value is escaped."""
    return str(_layout("letter.mjml").render(Context({"letter": words})))


@lru_cache(maxsize=8)
def _layout(name: str) -> Template:
    """MJML lays a mail out once; what is left is a Django template with the words still open.

    In short lines, which need no encoding that hides what they say.
    """
    laid_out = mjml.mjml2html((EMAILS / name).read_text()).replace("><", ">\n<")
    engine = cast(Engine, engines["django"].engine)  # type: ignore[attr-defined]
    return engine.from_string("{% load i18n %}" + laid_out)
