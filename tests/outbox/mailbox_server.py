"""A real IMAP server on loopback for a test module: pymap, with one mailbox in memory."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from imapclient import IMAPClient

USER, PASSWORD = "laering", "et hemmeligt ord"


class MailboxServer:
    def __init__(self, port):
        self.port = port

    @property
    def url(self):
        return f"imap://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def opened(self, folder="INBOX"):
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select_folder(folder)
            yield client

    def put(self, *mails):
        with self.opened() as client:
            for raw in mails:
                client.append("INBOX", raw)

    def contents(self, folder="INBOX"):
        """The mails in a folder, oldest first; empty where there is no such folder."""
        with self.opened() as client:
            if not client.folder_exists(folder):
                return []
            client.select_folder(folder, readonly=True)
            found = client.fetch(uids, ["BODY.PEEK[]"]) if (uids := client.search("ALL")) else {}
            return [found[uid][b"BODY[]"] for uid in sorted(found)]

    def empty(self):
        with self.opened() as client:
            client.delete_messages(client.search("ALL"))
            client.expunge()
            for _flags, _delimiter, name in client.list_folders():
                if name != "INBOX":
                    client.delete_folder(name)


@contextmanager
def mailbox_server():
    port = free_port()
    start = [sys.executable, "-c", "from pymap.main import main; main()"]
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "--no-service", "admin"]
    mailbox = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen([*start, *options, *mailbox])
    try:
        wait_for(port)
        yield MailboxServer(port)
    finally:
        process.terminate()
        process.wait(10)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError("The IMAP server does not answer.")
