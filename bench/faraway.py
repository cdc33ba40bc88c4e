"""A relay at the other end of a wire: five milliseconds there and back, as from one city to another."""

import asyncio
import selectors
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from multiprocessing import get_context
from typing import BinaryIO

ONE_WAY = 0.0025  # seconds
BEGUN = (b"250", b"250", b"354")


@contextmanager
def wire_to(port: int) -> Iterator[int]:
    """The port of this end of the wire. It lies in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Who is accepted inherits it; asyncio does it by itself only for sockets that say they are TCP's, and these do
        # not. Without it a second short reply waits for the answer to the first: forty milliseconds.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        process = get_context("fork").Process(target=_carry, args=(listener, port), daemon=True)
        process.start()
        yield listener.getsockname()[1]
        process.kill()
        process.join()


def _carry(listener: socket.socket, port: int) -> None:
    # `select` counts in microseconds where `epoll` rounds up to whole milliseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(_serve(listener, port))


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
    """By hand on a bare socket: a mail's text and the next one's MAIL, RCPT and DATA in one write, as RFC 2920 allows.

    One round trip for each mail.
    """
    with socket.create_connection(("127.0.0.1", port)) as wire, wire.makefile("rb") as replies:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _expect(replies, b"220")
        _say(wire, replies, b"EHLO localhost\r\n", b"250")
        _say(wire, replies, _begin(mails[0]), *BEGUN)
        for mail, following in pairwise(mails):
            _say(wire, replies, _text(mail) + _begin(following), b"250", *BEGUN)
        _say(wire, replies, _text(mails[-1]), b"250")


def _begin(mail: object) -> bytes:
    return f"MAIL FROM:<{mail.sender}>\r\nRCPT TO:<{mail.recipient}>\r\nDATA\r\n".encode()


def _text(mail: object) -> bytes:
    return mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _say(wire: socket.socket, replies: BinaryIO, words: bytes, *codes: bytes) -> None:
    wire.sendall(words)
    for code in codes:
        _expect(replies, code)


def _expect(replies: BinaryIO, code: bytes) -> None:
    while (line := replies.readline())[3:4] == b"-":
        pass
    assert line.startswith(code), line
