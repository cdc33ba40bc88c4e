"""Messages become one mail: plain text, HTML laid out by MJML, and headers that other machines read (MODEL P9)."""

from datetime import datetime
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
from django.utils import timezone, translation

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox import itip
from courseplatform.outbox.letters import Letter
from courseplatform.outbox.mail import Mail
from courseplatform.outbox.models import Message
from courseplatform.outbox.objections import CANCELLATION
from courseplatform.outbox.tokens import envelope_sender
from courseplatform.outbox.wording import letter
from courseplatform.people import local_dates

EMAILS = Path(settings.BASE_DIR) / "templates" / "emails"


def written(lead: Message, others: list[Message], now: datetime) -> Mail:
    """The mail for these messages, ready to go. Raises KeyError when the version lacks a template."""
    mail = compose(lead, others, now)
    return Mail(
        sender=envelope_sender(lead),
        recipient=lead.person.email,
        content=mail.message().as_bytes(linesep="\r\n"),
        as_django=lambda: mail,
    )


def compose(lead: Message, others: list[Message], now: datetime) -> EmailMultiAlternatives:
    """The mail for these messages, in the language its reader has chosen at this moment.

    Reads questions and facts, never an answer (MODEL I20). Raises KeyError when the version lacks a template.
    """
    with translation.override(lead.person.language), timezone.override(ZoneInfo(lead.tzid)):
        mail = _written(lead, letter([lead, *others]), now)
        if lead.channel == Message.Channel.CALENDAR:
            _attach_calendar(mail, lead, now)
    return mail


def _written(lead: Message, words: Letter, now: datetime) -> EmailMultiAlternatives:
    cohort = lead.enrolment.cohort
    mail = EmailMultiAlternatives(
        subject=words.subject.replace(local_dates.NO_BREAK, " "),
        body=render_to_string("emails/letter.txt", {"letter": words}).strip() + "\n",
        from_email=formataddr((cohort.name, cohort.mailbox)),
        to=[lead.person.email],
        reply_to=[cohort.owner_hr.email],
        headers=_headers(lead, cohort, now),
    )
    mail.attach_alternative(html(words), "text/html")
    return mail


def _attach_calendar(mail: EmailMultiAlternatives, message: Message, now: datetime) -> None:
    """Beside text and HTML for programs with answer buttons, and as a file for all others."""
    is_off = message.template == CANCELLATION
    method, ics = ("CANCEL", itip.cancellation(message, now)) if is_off else ("REQUEST", itip.request(message, now))
    mail.attach_alternative(ics.decode(), f"text/calendar; method={method}")
    mail.attach("workshop.ics", ics, "application/ics")


def _headers(lead: Message, cohort: Cohort, now: datetime) -> dict[str, str]:
    name, _at, domain = cohort.mailbox.partition("@")
    return {
        "Message-ID": lead.message_id,
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
        "List-Id": f"<{name}.{domain}>",
        "Content-Language": translation.get_language() or "da",
    }


def html(words: Letter) -> str:
    """The letter laid out; every value is escaped."""
    return str(_layout("letter.mjml").render(Context({"letter": words})))


@lru_cache(maxsize=8)
def _layout(name: str) -> Template:
    """MJML lays a mail out once; what is left is a Django template with the words still open."""
    laid_out = mjml.mjml2html((EMAILS / name).read_text())
    engine = cast(Engine, engines["django"].engine)  # type: ignore[attr-defined]
    return engine.from_string("{% load i18n %}" + laid_out)
