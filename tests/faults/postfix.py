"""A real Postfix of the test's own: on loopback, with its own queue and its own log, beside any that the machine runs.

What it accepts it hands over by LMTP to a mailbox that knows each Message-ID, as Dovecot's does with duplicates off.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from _processes import answers, free_port
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

UNKNOWN = "ukendt@fjordby.example"
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.fjordby.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
message_size_limit = {most}
smtpd_recipient_restrictions =
  check_recipient_access inline:{{ {{ {unknown} = reject_unlisted_recipient }} }}
  permit_mynetworks
  reject
smtpd_reject_unlisted_recipient = no
virtual_mailbox_domains = fjordby.example
virtual_mailbox_maps = regexp:{home}/known
virtual_transport = lmtp:inet:127.0.0.1:{mailbox}
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Mailbox:
    """Everything that was delivered, and what a reader sees of it: each Message-ID once."""

    def __init__(self):
        self.delivered = []

    async def handle_DATA(self, server, session, envelope):
        self.delivered.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.content))
        return "\r\n".join("250 2.0.0 kept" for _ in envelope.rcpt_tos)

    @property
    def seen(self):
        return {message_id(content): content for _sender, _recipient, content in self.delivered}


def message_id(content):
    return content.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode()


class ByLmtp(Controller):
    def factory(self):
        return LMTP(self.handler)


class Postfix:
    """Runs inside the block. Needs root, as Postfix does."""

    def __init__(self, most=200_000):
        self.most, self.port, self.mailbox = most, free_port(), Mailbox()

    def __enter__(self):
        self.home = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.home.chmod(0o755)  # Postfix works as an account of its own
        self._lmtp = ByLmtp(self.mailbox, hostname="127.0.0.1", port=free_port())
        self._lmtp.start()
        self._write()
        self._run("start")
        deadline = time.monotonic() + 20
        while not answers(self.port) and time.monotonic() < deadline:
            time.sleep(0.05)
        return self

    def __exit__(self, *error):
        self._run("stop")
        self._lmtp.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def wait_for(self, number, seconds=20):
        """Until that many mails lie in the mailbox."""
        deadline = time.monotonic() + seconds
        while len(self.mailbox.delivered) < number and time.monotonic() < deadline:
            time.sleep(0.05)

    def log(self):
        return (self.home / "log").read_text()

    def _write(self):
        for folder in ("queue", "data"):
            (self.home / folder).mkdir()
        shutil.chown(self.home / "data", "postfix", "postfix")
        words = {"home": self.home, "most": self.most, "unknown": UNKNOWN, "mailbox": self._lmtp.port}
        (self.home / "main.cf").write_text(MAIN.format(**words))
        (self.home / "master.cf").write_text(MASTER.format(port=self.port))
        (self.home / "known").write_text(f"!/^{UNKNOWN}$/ kept\n")

    def _run(self, command):
        subprocess.run(["postfix", "-c", str(self.home), command], check=True, capture_output=True, timeout=60)
