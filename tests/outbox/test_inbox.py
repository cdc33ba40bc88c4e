"""Each mail counts once, whatever breaks off; what is broken stands in nobody's way; nothing is quoted anywhere."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction

from courseplatform import environment
from courseplatform.outbox import answers_by_mail, inbox, mailboxes
from courseplatform.outbox.arrived import MOST_PARTS, opened
from courseplatform.outbox.composing import compose
from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.outbox.tokens import envelope_sender, reply_address
from courseplatform.people.models import User
from tests.factories import MessageFactory, WorkshopFactory
from tests.outbox.incoming import Spool, mail, report, sent
from tests.outbox.mailbox_server import free_port, mailbox_server
from worker.ticks import reap_tick

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
OUT_OF_OFFICE = mail("hold-1@fjordby.example", "Jeg er på ferie", Auto_Submitted="auto-replied")
TO_NOBODY = mail("hold-1@fjordby.example", "Hej, hvornår begynder vi?")


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "imaps://host/INBOX",
        "imaps://user:password@/INBOX",
        "pop3://user:password@host",
        "file://host/folder",
        "file:///",
        "imap://user:password@mail.example/INBOX",
        "imap://user:password@mail.example/INBOX?tls=0",
    ],
)
def test_a_mailbox_is_named_in_full_and_its_password_never_travels_in_the_open(monkeypatch, url):
    monkeypatch.setenv("INBOX_URL", url)

    with pytest.raises(ImproperlyConfigured) as refused:
        environment.inbox("INBOX_URL", default="file:///inbox")
    assert str(refused.value).startswith("INBOX_URL is not a mailbox. Write imaps://user:password@host/INBOX, or ")


@pytest.fixture
def spool(settings, tmp_path):
    folder = tmp_path / "inbox"
    settings.INBOX_URL = folder.as_uri()
    return Spool(folder)


@pytest.fixture
def kept(monkeypatch):
    found = []
    monkeypatch.setattr(answers_by_mail, "_keepers", [])
    answers_by_mail.kept_by(lambda message, text, now: found.append(text))
    return found


@pytest.fixture(scope="module")
def server():
    with mailbox_server() as running:
        yield running


@pytest.fixture
def imap(server, settings):
    settings.INBOX_URL = server.url
    server.empty()
    return server


def rows():
    return sorted(IncomingMail.objects.values_list("kind", "outcome", "message"))


def state_of(message):
    return Message.objects.get(pk=message.pk).state


@pytest.mark.django_db
def test_mail_of_all_kinds_is_read_and_put_where_it_belongs(spool, kept):
    gone, answered = sent(), sent()
    spool.put(report(gone), "1.eml")
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email), "2.eml")
    spool.put(OUT_OF_OFFICE, "3.eml")
    spool.put(TO_NOBODY, "4.eml")

    assert inbox.read(TUESDAY) == {"undeliverable": 1, "kept": 1, "automatic": 1, "nobodys": 1}

    assert rows() == sorted(
        [
            ("bounce", "undeliverable", gone.pk),
            ("answer", "kept", answered.pk),
            ("other", "automatic", None),
            ("other", "nobodys", None),
        ]
    )
    assert (state_of(gone), state_of(answered), kept) == ("bounced", "sent", ["Uro."])
    assert (spool.names(), spool.names("other"), spool.names("broken")) == ([], ["4.eml"], [])


@pytest.mark.django_db
def test_the_mailbox_is_read_at_each_reap_tick(spool):
    gone = sent()
    spool.put(report(gone))

    reap_tick(TUESDAY)

    assert (state_of(gone), spool.names()) == ("bounced", [])


@pytest.mark.django_db
def test_an_empty_mailbox_is_read_in_no_time(spool, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert inbox.read(TUESDAY) == {}


@pytest.mark.django_db
def test_a_mail_that_comes_twice_counts_once(spool, kept):
    answered = sent()
    answer = mail(reply_address(answered), "Uro.", sender=answered.person.email)
    spool.put(answer)
    inbox.read(TUESDAY)
    spool.put(answer, "again.eml")

    inbox.read(TUESDAY + timedelta(minutes=1))

    assert (kept, rows(), spool.names()) == (["Uro."], [("answer", "kept", answered.pk)], [])
    assert IncomingMail.objects.get().received_at == TUESDAY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["spool", "imap"])
def test_a_crash_between_the_commit_and_the_putting_away_is_harmless(request, monkeypatch, kept, place):
    box, answered = request.getfixturevalue(place), sent()
    box.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    with monkeypatch.context() as broken:
        for kind in (mailboxes.FolderMailbox, mailboxes.ImapMailbox):
            broken.setattr(kind, "put", crash)
        with pytest.raises(KeyboardInterrupt):
            inbox.read(TUESDAY)

    assert inbox.read(TUESDAY) == {"kept": 1}
    assert inbox.read(TUESDAY) == {}
    assert (kept, rows()) == (["Uro."], [("answer", "kept", answered.pk)])


def crash(*_arguments):
    raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
def test_a_crash_before_the_commit_leaves_the_mail_unread(spool, kept, monkeypatch):
    answered = sent()
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    answers_by_mail.kept_by(crash)
    with pytest.raises(KeyboardInterrupt):
        inbox.read(TUESDAY)

    assert (rows(), spool.names()) == ([], ["1.eml"])
    answers_by_mail.kept_by(lambda message, text, now: kept.append(text))
    assert inbox.read(TUESDAY) == {"kept": 1}
    assert kept == ["Uro."]


@pytest.mark.django_db(transaction=True)
def test_what_a_reader_began_is_undone_when_it_cannot_finish(spool, kept, caplog):
    broken, fine = sent(), sent()

    def begin(message, text, now):
        User.objects.filter(pk=message.person_id).update(display_name="Begyndt")
        raise ZeroDivisionError("secret words")

    answers_by_mail.kept_by(begin)
    spool.put(mail(reply_address(broken), "secret words", sender=broken.person.email), "1.eml")
    spool.put(report(fine), "2.eml")

    assert inbox.read(TUESDAY) == {"failed": 1, "undeliverable": 1}

    assert not User.objects.filter(display_name="Begyndt").exists()
    assert (spool.names(), spool.names("broken"), state_of(fine)) == ([], ["1.eml"], "bounced")
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_trouble_with_the_database_is_not_the_mails(spool, kept):
    def no_database(message, text, now):
        raise OperationalError

    answered = sent()
    answers_by_mail.kept_by(no_database)
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    with pytest.raises(OperationalError):
        inbox.read(TUESDAY)

    assert (rows(), spool.names()) == ([], ["1.eml"])


@pytest.mark.django_db(transaction=True)
def test_no_network_inside_a_transaction(imap, monkeypatch):
    imap.put(report(sent()), TO_NOBODY)
    seen = []
    for name in ("waiting", "beginning", "put"):
        really = getattr(mailboxes.ImapMailbox, name)
        monkeypatch.setattr(
            mailboxes.ImapMailbox,
            name,
            lambda *given, really=really: (seen.append(connection.in_atomic_block), really(*given))[1],
        )

    inbox.read(TUESDAY)

    assert seen == [False] * 5


@pytest.mark.django_db
def test_a_real_mailbox_is_emptied_of_what_was_read(imap, kept):
    gone, answered = sent(), sent()
    imap.put(report(gone), mail(reply_address(answered), "Uro.", sender=answered.person.email), TO_NOBODY)

    assert inbox.read(TUESDAY) == {"undeliverable": 1, "kept": 1, "nobodys": 1}

    assert (state_of(gone), kept) == ("bounced", ["Uro."])
    assert (imap.contents(), imap.contents("other")) == ([], [TO_NOBODY])
    assert inbox.read(TUESDAY) == {}


@pytest.mark.django_db
def test_what_somebody_has_looked_at_is_read_all_the_same(imap):
    gone = sent()
    imap.put(report(gone))
    with imap.opened() as client:
        client.add_flags(client.search("ALL"), [b"\\Seen", b"\\Flagged"])

    inbox.read(TUESDAY)

    assert (state_of(gone), imap.contents()) == ("bounced", [])


@pytest.mark.django_db
def test_a_server_without_moving_keeps_what_is_nobodys_too(imap, monkeypatch):
    imap.put(TO_NOBODY)
    without = {"MOVE", "UIDPLUS"}
    really = mailboxes.IMAPClient.has_capability
    monkeypatch.setattr(
        mailboxes.IMAPClient, "has_capability", lambda self, name: name not in without and really(self, name)
    )

    inbox.read(TUESDAY)

    assert (imap.contents(), imap.contents("other")) == ([], [TO_NOBODY])


@pytest.mark.django_db
def test_a_mail_that_cannot_be_put_away_counts_once_and_holds_up_nobody(spool, kept):
    answered = sent()
    (spool.folder / "other").symlink_to("nowhere")
    spool.put(TO_NOBODY, "1.eml")
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email), "2.eml")

    inbox.read(TUESDAY)
    inbox.read(TUESDAY)

    assert (kept, spool.names()) == (["Uro."], ["1.eml"])
    assert rows() == [("answer", "kept", answered.pk), ("other", "nobodys", None)]


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_count_each_mail_once(imap, kept):
    messages = [sent() for _ in range(6)]
    imap.put(*(mail(reply_address(one), f"Uro {one.pk}", sender=one.person.email) for one in messages))
    readers = [threading.Thread(target=read_and_hang_up) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)

    assert sorted(kept) == sorted(f"Uro {one.pk}" for one in messages)
    assert rows() == sorted(("answer", "kept", one.pk) for one in messages)
    assert imap.contents() == []


def read_and_hang_up():
    inbox.read(TUESDAY)
    connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["password", "folder", "port"])
def test_a_mailbox_that_does_not_answer_waits_for_the_next_tick(imap, settings, caplog, wrong):
    url = {
        "password": imap.url.replace("hemmeligt", "forkert"),
        "folder": imap.url.replace("INBOX", "Elsewhere"),
        "port": imap.url.replace(str(imap.port), str(free_port())),
    }
    settings.INBOX_URL = url[wrong]

    assert inbox.read(TUESDAY) == {}

    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert not any(secret in caplog.text for secret in ("hemmeligt", "forkert", "laering"))


@pytest.mark.django_db
def test_a_server_that_says_nothing_is_not_waited_for(settings, monkeypatch):
    monkeypatch.setattr(mailboxes, "CONNECT", 0.3)
    monkeypatch.setattr(mailboxes, "READ", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.INBOX_URL = f"imap://a:b@127.0.0.1:{silent.getsockname()[1]}/INBOX"
        began = monotonic()

        assert inbox.read(TUESDAY) == {}

    assert monotonic() - began < 10


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


@pytest.mark.django_db
def test_half_a_file_and_what_is_no_mail_stays_where_it_is(spool, tmp_path):
    spool.put(TO_NOBODY, ".half.eml")
    (tmp_path / "secret").write_bytes(TO_NOBODY)
    (spool.folder / "link.eml").symlink_to(tmp_path / "secret")
    (spool.folder / "new").mkdir()

    assert inbox.read(TUESDAY) == {}
    assert spool.names() == [".half.eml", "link.eml"]


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
def test_nothing_is_ever_answered(spool, kept, mailoutbox):
    message = sent()
    for number, raw in enumerate([report(message), OUT_OF_OFFICE, TO_NOBODY, mail(reply_address(message), "x")]):
        spool.put(raw, f"{number}.eml")

    inbox.read(TUESDAY)

    assert mailoutbox == []
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_row_says_what_became_of_a_mail_and_nothing_of_what_it_said(spool, kept, caplog):
    message = sent()
    spool.put(mail(reply_address(message), "dybt hemmeligt", sender=message.person.email))

    inbox.read(TUESDAY)

    row = IncomingMail.objects.values().get()
    assert (len(row.pop("fingerprint")), row.pop("message_id"), row.pop("id") > 0) == (64, message.pk, True)
    assert row == {"kind": "answer", "outcome": "kept", "received_at": TUESDAY}
    assert "hemmeligt" not in caplog.text


@pytest.mark.django_db
def test_an_outcome_fits_into_its_row():
    longest = IncomingMail._meta.get_field("outcome").max_length

    assert max(map(len, inbox.PLACES)) <= longest


@pytest.mark.django_db(transaction=True)
def test_a_mail_about_a_message_that_is_gone_is_noted_without_it(spool, kept):
    message = sent()
    spool.put(report(message), "1.eml")
    spool.put(mail(reply_address(message), "Uro.", sender=message.person.email), "2.eml")
    with transaction.atomic():
        Message.objects.all().delete()

    inbox.read(TUESDAY)

    assert rows() == [("answer", "wrong_sender", None), ("bounce", "unknown", None)]
