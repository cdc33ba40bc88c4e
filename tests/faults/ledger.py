"""An SMTP server in a process of its own that writes down what it accepts *before* it says 250.

Its file is the truth that tests compare the messages with: who says “sent” without a line there has lost a mail.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from aiosmtpd.smtp import SMTP

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
MOST = 2_000_000  # bytes of one mail


@dataclass(frozen=True)
class Line:
    """One accepted mail."""

    message_id: str
    sender: str
    recipient: str
    size: int


class LedgerSink:
    """Starts the server on a free port of loopback; ends it with the block."""

    def __init__(self, folder: Path):
        self.file = Path(folder) / "ledger.jsonl"
        self.port = 0

    def __enter__(self):
        self.file.touch()
        command = [sys.executable, "-m", "tests.faults.ledger", str(self.file)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *error):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def lines(self) -> list[Line]:
        """In the order in which they were accepted."""
        return [Line(**json.loads(line)) for line in self.file.read_text().splitlines()]

    def count(self) -> int:
        """How many lines there are."""
        return self.file.read_bytes().count(b"\n")

    def forget(self):
        os.truncate(self.file, 0)


class Ledger:
    """What aiosmtpd asks."""

    def __init__(self, file: str):
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND)

    async def handle_DATA(self, server: SMTP, session: object, envelope) -> str:
        [message_id] = MESSAGE_ID.findall(envelope.content.partition(b"\r\n\r\n")[0])
        for recipient in envelope.rcpt_tos:
            line = Line(message_id.decode(), envelope.mail_from, recipient, len(envelope.content))
            os.write(self._file, json.dumps(asdict(line)).encode() + b"\n")  # whole, and past any process's death
        return "250 2.0.0 written down"


async def serve(file: str) -> None:
    """Says its port, and lives until whoever started it hangs up."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: relay(Ledger(file)), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


def relay(ledger: Ledger) -> SMTP:
    return SMTP(ledger, hostname="127.0.0.1", data_size_limit=MOST)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
