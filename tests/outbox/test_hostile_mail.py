"""A mail that is huge, broken or means harm costs little, changes nothing and holds up nobody."""

from time import monotonic

import pytest

from courseplatform.outbox.inbox import mailboxes
from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.inbox.arrived import MOST_PARTS, opened
from courseplatform.outbox.inbox.tokens import envelope_sender, reply_address
from courseplatform.outbox.writing.composing import compose
from tests.factories import MessageFactory, WorkshopFactory
from tests.outbox.incoming import TUESDAY, mail, report, rows, sent, state_of


def head(to, *headers):
    return "\r\n".join([f"To: {to}", "From: leder@fjordby.example", "MIME-Version: 1.0", *headers, "", ""]).encode()


MANY_PARTS = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" for _ in range(10_000)) + b"--b--\r\n"


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(5_000)
)


HOSTILE = {
    "ten thousand parts": head("{to}", "Content-Type: multipart/report; boundary=b") + MANY_PARTS,
    "parts in parts in parts": head("{to}")[:-2] + NESTED,
    "ten thousand headers": head("{to}", *(f"X-{n}: x" for n in range(10_000))),
    "one endless header": head("{to}", "Subject: " + "x" * 900_000),
    "a thousand folds": head("{to}", "Subject: x" + "\r\n x" * 100_000),
    "an endless type": head("{to}", "Content-Type: text/plain" + "; a" * 200_000),
    "a header bomb in a part": head("{to}", "Content-Type: multipart/report; boundary=b")
    + b"--b\r\nContent-Type: text/plain"
    + b"; a=b" * 100_000
    + b"\r\n\r\n--b--\r\n",
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_mail_that_means_harm_is_put_aside_at_once(spool, kind):
    message = sent()
    spool.put(HOSTILE[kind].replace(b"{to}", envelope_sender(message).encode()), "1.eml")
    spool.put(report(other := sent()), "2.eml")
    began = monotonic()

    assert inbox.read(TUESDAY) == {"unreadable": 1, "undeliverable": 1}

    assert monotonic() - began < 20
    assert (state_of(message), state_of(other)) == ("sent", "bounced")
    assert spool.names("broken") == ["1.eml"]


ODD = {
    "nothing": b"",
    "no headers": b"\r\n\r\nhej",
    "only bytes": bytes(range(256)) * 100,
    "zeros": b"\0" * 5_000,
    "brackets": head("(" * 7_000),
    "a thousand addresses": head(", ".join(["a@b.example"] * 500)),
    "a broken report": head("{to}", 'Content-Type: multipart/report; boundary="b"', "Auto-Submitted: auto-replied")
    + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n\xff\xfe Action failed\r\n",
    "a report of no parts": head("{to}", "Content-Type: multipart/report", "Auto-Submitted: auto-replied"),
    "a status that is text": head("{to}", "Content-Type: multipart/report; boundary=b", "Auto-Submitted: auto-replied")
    + b"--b\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nQWN0aW9u\r\n--b--\r\n",
    "a calendar that is none": head("hold-1@fjordby.example", "Content-Type: text/calendar; charset=utf-16")
    + b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\n" * 50,
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ODD)
def test_an_odd_mail_changes_nothing_and_stops_nobody(spool, kind):
    message, other = sent(), sent()
    spool.put(ODD[kind].replace(b"{to}", envelope_sender(message).encode()), "1.eml")
    spool.put(report(other), "2.eml")

    tally = inbox.read(TUESDAY)

    assert (sum(tally.values()), tally["undeliverable"]) == (2, 1)
    assert (state_of(message), state_of(other), spool.names()) == ("sent", "bounced", [])


@pytest.mark.django_db
def test_the_report_of_a_whole_mail_of_ours_is_well_within_the_bounds():
    message = MessageFactory(enrolment__person__display_name="Leder", kind="event", channel="calendar")
    WorkshopFactory(cohort=message.enrolment.cohort)
    message.workshop = message.enrolment.cohort.workshops.get()
    ours = compose(message, [], TUESDAY).message().as_bytes().decode()

    returned = opened(report(message, "exchange", ours=ours)).mail

    assert len(list(returned.walk())) < MOST_PARTS / 2
    assert len(returned.as_bytes()) < inbox.BIGGEST / 4


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["spool", "imap"])
def test_a_huge_mail_is_put_aside_without_reading_it_whole(request, monkeypatch, kept, place):
    monkeypatch.setattr(inbox, "BIGGEST", 5_000)
    monkeypatch.setattr(inbox, "HEAD", 2_000)
    box, gone, answered = request.getfixturevalue(place), sent(), sent()
    box.put(mail(reply_address(answered), "å" * 9_000, sender=answered.person.email))
    read = []
    for kind in (mailboxes.FolderMailbox, mailboxes.ImapMailbox):
        really = kind.beginning
        monkeypatch.setattr(kind, "beginning", lambda *given, really=really: read.append(really(*given)) or read[-1])

    assert inbox.read(TUESDAY) == {"too_big": 1}
    assert [len(raw) for raw in read] == [2_000]
    assert rows() == [("answer", "too_big", answered.pk)]
    assert (kept, state_of(gone)) == ([], "sent")


@pytest.mark.django_db
def test_one_tick_reads_so_many_and_the_next_one_goes_on(spool, monkeypatch):
    for number in range(5):
        spool.put(mail("hold-1@fjordby.example", f"Brev {number}"), f"{number}.eml")
    monkeypatch.setattr(inbox, "MOST_MAILS", 2)

    assert [sum(inbox.read(TUESDAY).values()) for _ in range(4)] == [2, 2, 1, 0]
    assert len(spool.names("other")) == 5


@pytest.mark.django_db
def test_one_tick_reads_so_many_bytes(spool, monkeypatch):
    for number in range(3):
        spool.put(mail("hold-1@fjordby.example", "a" * 1_000 + str(number)), f"{number}.eml")
    monkeypatch.setattr(inbox, "MOST_BYTES", 3_000)

    assert [sum(inbox.read(TUESDAY).values()) for _ in range(3)] == [2, 1, 0]
