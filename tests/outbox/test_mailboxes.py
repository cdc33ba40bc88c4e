"""A folder and a real IMAP server: what was read is gone from there, what is nobody's is put aside."""

import socket
import socketserver
import threading
from base64 import b64decode
from time import monotonic

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from courseplatform import environment
from courseplatform.outbox.inbox import mailboxes
from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.inbox.tokens import reply_address
from tests.outbox.incoming import TO_NOBODY, TUESDAY, mail, report, rows, sent, state_of
from tests.outbox.mailbox_server import free_port


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


@pytest.mark.django_db
def test_no_network_inside_a_transaction(imap, monkeypatch):
    imap.put(report(sent()), TO_NOBODY)
    seen, outside = [], len(connection.savepoint_ids)
    for name in ("waiting", "beginning", "put"):
        really = getattr(mailboxes.ImapMailbox, name)
        monkeypatch.setattr(
            mailboxes.ImapMailbox,
            name,
            lambda *given, really=really: (seen.append(len(connection.savepoint_ids)), really(*given))[1],
        )

    inbox.read(TUESDAY)

    assert seen == [outside] * 5


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


class OnlyTokens(socketserver.StreamRequestHandler):
    """As much of an IMAP server as signing in needs; it lets nobody in."""

    def handle(self):
        self.wfile.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready\r\n")
        for line in self.rfile:
            tag, command, *rest = line.split()
            if command == b"AUTHENTICATE":
                self.wfile.write(b"+ \r\n")
                self.server.said.append((rest, b64decode(self.rfile.readline())))
            is_fine = command == b"CAPABILITY"
            self.wfile.write(
                b"* CAPABILITY IMAP4rev1\r\n%s OK yes\r\n" % tag if is_fine else tag + b" NO not today\r\n"
            )


@pytest.mark.django_db
def test_with_a_token_file_the_token_of_this_moment_signs_in_and_no_password(settings, tmp_path, caplog):
    settings.INBOX_TOKEN_FILE = str(tmp_path / "token")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OnlyTokens) as server:
        server.said = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.INBOX_URL = f"imap://post%40fjordby.example@127.0.0.1:{server.server_address[1]}/INBOX"
        assert inbox.read(TUESDAY) == {}  # no file yet
        for token in ("first", "second"):
            (tmp_path / "token").write_text(f"{token}\n")
            assert inbox.read(TUESDAY) == {}
        server.shutdown()

    sign_ins = [b"user=post@fjordby.example\1auth=Bearer %s\1\1" % token for token in (b"first", b"second")]
    assert server.said == [([b"XOAUTH2"], words) for words in sign_ins]
    assert [record.levelname for record in caplog.records].count("WARNING") == 3
    assert not any(secret in caplog.text for secret in ("first", "second", "post"))


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
def test_half_a_file_and_what_is_no_mail_stays_where_it_is(spool, tmp_path):
    spool.put(TO_NOBODY, ".half.eml")
    (tmp_path / "secret").write_bytes(TO_NOBODY)
    (spool.folder / "link.eml").symlink_to(tmp_path / "secret")
    (spool.folder / "new").mkdir()

    assert inbox.read(TUESDAY) == {}
    assert spool.names() == [".half.eml", "link.eml"]
