"""Mail as it comes back: written here in the manner of the programs that send it."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from courseplatform.outbox.inbox.tokens import envelope_sender
from courseplatform.outbox.models import IncomingMail, Message
from tests.factories import MessageFactory

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Received: from mx.fjordby.example (mx.fjordby.example [192.0.2.7])
\tby inbound.fjordby.example (Postfix) with ESMTP id 4D1F2
Date: Tue, 27 Oct 2026 08:31:02 +0100 (CET)
From: MAILER-DAEMON@mx.fjordby.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9C3A1.1793086262/mx.fjordby.example"

This is a MIME-encapsulated message.

--9C3A1.1793086262/mx.fjordby.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

Your message could not be delivered.

--9C3A1.1793086262/mx.fjordby.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.fjordby.example
X-Postfix-Queue-ID: 9C3A1
Arrival-Date: Tue, 27 Oct 2026 08:31:01 +0100 (CET)

Final-Recipient: rfc822; {person}
Original-Recipient: rfc822;{person}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.fjordby.example
Diagnostic-Code: smtp; {said}

--9C3A1.1793086262/mx.fjordby.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

{ours}
--9C3A1.1793086262/mx.fjordby.example--
"""

EXCHANGE = """\
Received: from relay.fjordby.example by inbound.fjordby.example with SMTP; Tue, 27 Oct 2026 07:31:05 +0000
From: <postmaster@fjordby.onmicrosoft.example>
To: <{to}>
Subject: =?utf-8?B?S2FuIGlra2UgbGV2ZXJlcw==?=
Date: Tue, 27 Oct 2026 07:31:04 +0000
MIME-Version: 1.0
X-MS-Exchange-Message-Is-Ndr:
Content-Language: da-DK
Content-Type: multipart/report; report-type=delivery-status; boundary="3f1a_edge"
Content-Transfer-Encoding: 7bit

--3f1a_edge
Content-Type: multipart/alternative; differences=Content-Type; boundary="aa_inner"

--aa_inner
Content-Type: text/plain; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

Din meddelelse blev ikke leveret til modtageren. =E6=F8=E5
--aa_inner
Content-Type: text/html; charset="iso-8859-1"
Content-Transfer-Encoding: quoted-printable

<p>Din meddelelse blev ikke leveret.</p>
--aa_inner--
--3f1a_edge
Content-Type: message/delivery-status

Reporting-MTA: dns;DB9PR01.eurprd01.prod.example
Received-From-MTA: dns;relay.fjordby.example
Arrival-Date: Tue, 27 Oct 2026 07:31:03 +0000

Original-Recipient: rfc822;{person}
Final-Recipient: rfc822;{person}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{said}
X-Display-Name: Leder

--3f1a_edge
Content-Type: message/rfc822

{ours}
--3f1a_edge--
"""

GMAIL = """\
Delivered-To: {to}
Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mail.example>
To: {to}
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
X-Failed-Recipients: {person}
Date: Tue, 27 Oct 2026 00:31:06 -0700 (PDT)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="000000000000c0ffee"; report-type=delivery-status

--000000000000c0ffee
Content-Type: multipart/related; boundary="000000000000c0ffef"

--000000000000c0ffef
Content-Type: text/html; charset="UTF-8"

<p>Address not found</p>
--000000000000c0ffef
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64
Content-ID: <icon.png>

iVBORw0KGgo=
--000000000000c0ffef--
--000000000000c0ffee
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Received-From-MTA: dns; relay.fjordby.example. (192.0.2.7)
Arrival-Date: Tue, 27 Oct 2026 00:31:05 -0700 (PDT)
X-Original-Message-ID: <m1.0@fjordby.example>

Final-Recipient: rfc822; {person}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.fjordby.example. (192.0.2.9, the server for the domain.)
Diagnostic-Code: smtp; {said}
Last-Attempt-Date: Tue, 27 Oct 2026 00:31:06 -0700 (PDT)

--000000000000c0ffee
Content-Type: text/rfc822-headers

{ours}
--000000000000c0ffee--
"""

REPORTS = {"postfix": POSTFIX, "exchange": EXCHANGE, "gmail": GMAIL}
OURS = """\
Return-Path: <{to}>
From: Digital ledelse i praksis <hold-1@fjordby.example>
To: {person}
Subject: Et spørgsmål til dig
Message-ID: <m1.0@fjordby.example>
Content-Type: text/plain; charset=utf-8

Hvad lagde du mærke til?
"""
GONE = {"action": "failed", "status": "5.1.1", "said": "550 5.1.1 <{person}>: User unknown"}


def sent(**fields):
    return MessageFactory(state="sent", **fields)


def report(message, style="postfix", *, to=None, ours=None, **facts):
    """A report on that message; hard and about the address unless something else is said."""
    to, person = to or envelope_sender(message), facts.pop("person", message.person.email)
    ours = OURS.format(to=to, person=person) if ours is None else ours
    facts = {name: value.format(person=person) for name, value in (GONE | facts).items()}
    return crlf(REPORTS[style].format(to=to, person=person, ours=ours, **facts))


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def mail(to, text="Hej", *, sender="leder@fjordby.example", subtype="plain", **headers):
    """A mail as a person's program writes it."""
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, to, "Sv: Et spørgsmål til dig"
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text, subtype=subtype)
    return bytes(written).replace(b"\n", b"\r\n")


OUT_OF_OFFICE = mail("hold-1@fjordby.example", "Jeg er på ferie", Auto_Submitted="auto-replied")
TO_NOBODY = mail("hold-1@fjordby.example", "Hej, hvornår begynder vi?")


def rows():
    return sorted(IncomingMail.objects.values_list("kind", "outcome", "message"))


def state_of(message):
    return Message.objects.get(pk=message.pk).state


class Spool:
    """The folder where mail waits, as whoever delivers it sees it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)

    def put(self, raw, name="1.eml"):
        (self.folder / name).write_bytes(raw)

    def names(self, place=""):
        folder = self.folder / place
        return sorted(file.name for file in folder.iterdir() if file.is_file()) if folder.exists() else []
