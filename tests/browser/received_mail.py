"""A real mail server on a real socket that remembers what it was given."""

from email import message_from_bytes, policy

from _processes import free_port, wait_until
from aiosmtpd.controller import Controller


class ReceivedMail:
    """Every mail that arrived, oldest first."""

    def __init__(self) -> None:
        self.all = []
        self._server = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server, session, envelope):
        self.all.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def start(self) -> None:
        self._server.start()
        self.url = f"smtp://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        self._server.stop()

    def to(self, address):
        return [mail for mail in self.all if address in str(mail["To"])]

    def wait_until(self, arrived, *, seconds=120):
        """Fails when what is asked for has not arrived in time."""
        assert wait_until(arrived, seconds=seconds, every=0.5), [
            f"{mail['To']}: {mail['Subject']}" for mail in self.all
        ]


def text_of(mail) -> str:
    """The plain part, as a person without pictures reads it."""
    return mail.get_body(preferencelist=("plain",)).get_content()
