"""Where mail waits in a test, and who is handed the answers."""

import pytest

from courseplatform.outbox.inbox import answers_by_mail
from tests.outbox.incoming import Spool
from tests.outbox.mailbox_server import mailbox_server


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
def imap_server():
    with mailbox_server() as running:
        yield running


@pytest.fixture
def imap(imap_server, settings):
    settings.INBOX_URL = imap_server.url
    imap_server.empty()
    return imap_server
