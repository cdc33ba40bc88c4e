"""A relay at the other end of a wire: five milliseconds there and back, as from one city to another."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

ONE_WAY = 0.0025  # seconds


@contextmanager
def wire_to(port: int) -> Iterator[int]:
    """The port of this end of the wire. It lies in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = get_context("fork").Process(target=_carry, args=(listener, port), daemon=True)
        process.start()
        yield listener.getsockname()[1]
        process.kill()
        process.join()


def _carry(listener: socket.socket, port: int) -> None:
    asyncio.run(_serve(listener, port))


async def _serve(listener: socket.socket, port: int) -> None:
    async def connect(ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        theirs, there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_delay(ours, there), _delay(theirs, back))

    async with await asyncio.start_server(connect, sock=listener) as server:
        await server.serve_forever()


async def _delay(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Everything arrives later, in its order; nothing waits for what went before."""
    loop = asyncio.get_running_loop()
    while data := await source.read(2**16):
        loop.call_later(ONE_WAY, target.write, data)
    loop.call_later(ONE_WAY, target.close)


def send_pipelined(mails: list, port: int) -> None:
    """By hand on a bare socket: MAIL, RCPT and DATA in one write, as RFC 2920 allows; two round trips for each mail."""
    with socket.create_connection(("127.0.0.1", port)) as wire, wire.makefile("rb") as replies:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _expect(replies, b"220")
        wire.sendall(b"EHLO localhost\r\n")
        _expect(replies, b"250")
        for mail in mails:
            wire.sendall(f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode())
            for code in (b"250", b"250", b"354"):
                _expect(replies, code)
            wire.sendall(mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            _expect(replies, b"250")


def _expect(replies: object, code: bytes) -> None:
    while (line := replies.readline())[3:4] == b"-":
        pass
    assert line.startswith(code), line
