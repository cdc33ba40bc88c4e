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

    def wait_for(self, address, *, seconds=180):
        """The newest mail to that address; fails when none arrives in time."""
        assert wait_until(lambda: self.to(address), seconds=seconds), f"no mail to {address}"
        return self.to(address)[-1]


def text_of(mail) -> str:
    """The plain part, as a person without pictures reads it."""
    return mail.get_body(preferencelist=("plain",)).get_content()
