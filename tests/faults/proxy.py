"""A TCP proxy that stands between a sender and a relay and spoils what it is told to, from outside both.

    with FaultProxy(relay_port) as proxy:
        proxy.spoil("dot", reset)                       # the connection dies before the final dot goes on
        proxy.spoil("answer", reset)                    # the relay said 250, and nobody heard it
        proxy.spoil("rcpt", say("450 4.2.1 later"), after=2, times=1)
        proxy.spoil("text", slowly())                   # from there on a byte a second, both ways
        proxy.spoil("starttls", garbage)
        proxy.refuse(); proxy.listen(); proxy.heal()

Phases in their order: connect, ehlo, starttls, mail, rcpt, data, text, dot, answer; also rset and quit. Each is met
before the proxy passes it on: at `dot` the relay has the whole text but not the dot, at `answer` it has accepted.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

ROOM = 2**26  # bytes of one line
OFFER_OF_TLS = b"250-127.0.0.1\r\n250-STARTTLS\r\n"
RST = struct.pack("ii", 1, 0)  # SO_LINGER: closing throws away what is unsent and says “reset”


class Over(Exception):
    """This conversation is finished."""


Deed = Callable[["Conversation"], Awaitable[bool]]  # True: the deed has answered, nothing is passed on


async def reset(talk):
    """The connection is gone, both ways."""
    for writer in (talk.to_sender, talk.to_relay):
        if writer:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
    raise Over


async def hang_up(talk):
    """An orderly end, without a word."""
    raise Over


async def stall(talk):
    """Not another byte, until the sender hangs up."""
    await talk.from_sender.read()
    raise Over


async def garbage(talk):
    """Something that is no TLS, where TLS should begin."""
    if talk.phase == "starttls":
        await talk.tell(b"220 2.0.0 ready\r\n")
    await talk.tell(b"\x16\x03\x01 this is not the handshake you hoped for\r\n")
    raise Over


def say(reply):
    """That answer instead of the relay's, which never hears of it. After 421 the proxy hangs up, as relays do."""

    async def deed(talk):
        await talk.tell(f"{reply}\r\n".encode())
        if reply.startswith("421"):
            raise Over
        if talk.phase in ("text", "dot"):
            await talk.call_relay_again()
        return True

    return deed


def wait(seconds):
    """That long, and then on as if nothing had been."""

    async def deed(talk):
        await asyncio.sleep(seconds)
        return False

    return deed


class Hold:
    """The first that comes waits until it is released; `reached` tells that it has come."""

    def __init__(self):
        self.reached, self.released = threading.Event(), threading.Event()

    async def __call__(self, talk):
        self.reached.set()
        while not self.released.is_set():
            await asyncio.sleep(0.01)
        return False


def slowly(bytes_a_second=1):
    """From here on so slow, both ways."""

    async def deed(talk):
        talk.pause = 1 / bytes_a_second
        return False

    return deed


@dataclass
class Fault:
    phase: str
    deed: Deed
    after: int  # how many go unharmed first
    times: int | None  # None: always

    def strikes(self):
        self.after -= 1
        if self.after >= 0 or self.times == 0:
            return False
        self.times = self.times and self.times - 1
        return True


class FaultProxy:
    """Listens on `port` of loopback. `met` counts the phases that were reached."""

    def __init__(self, relay_port, *, offers_tls=False):
        self.relay_port, self.offers_tls = relay_port, offers_tls
        self.port, self.faults, self.met = 0, [], Counter()
        self._loop, self._server, self._talks = asyncio.new_event_loop(), None, set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        self.listen()
        return self

    def __exit__(self, *error):
        self.refuse()
        self._do(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def spoil(self, phase, deed, *, after=0, times=None):
        """From now on: the deed at that phase, `times` often, once `after` have passed unharmed."""
        self.faults.append(Fault(phase, deed, after, times))

    def heal(self):
        """Whoever calls from now on is connected to the relay unharmed."""
        self.faults = []

    def refuse(self):
        """Nobody listens; calls that are going on go on."""
        self._do(self._close())

    def listen(self):
        """On the same port as before."""
        self._do(self._open())

    def _do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self):
        if self._server is None:
            self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port, limit=ROOM)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self):
        server, self._server = self._server, None
        if server:
            server.close()

    async def _end_all(self):
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _converse(self, from_sender, to_sender):
        self._talks.add(asyncio.current_task())
        talk = Conversation(self, from_sender, to_sender)
        try:
            await talk.run()
        except (Over, OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # both sides are told by the closing below
        finally:
            await talk.close()
            self._talks.discard(asyncio.current_task())


class Conversation:
    """One connection, command by command. What the sender pipelines waits for its turn."""

    def __init__(self, proxy, from_sender, to_sender):
        self.proxy, self.from_sender, self.to_sender = proxy, from_sender, to_sender
        self.from_relay = self.to_relay = None
        self.phase, self.line, self.pause = "connect", b"", 0

    async def run(self):
        if await self.is_spoilt("connect"):
            raise Over
        await self.tell(await self.call_relay())
        while line := await self.from_sender.readline():
            self.line = line
            if await self.is_spoilt(phase_of(line)):
                continue
            reply = await self.ask(line)
            offers_tls = self.phase == "ehlo" and self.proxy.offers_tls
            await self.tell(OFFER_OF_TLS + reply if offers_tls else reply)
            if self.phase == "data" and reply.startswith(b"354"):
                await self.pass_text_on()

    async def pass_text_on(self):
        is_dealt_with = await self.is_spoilt("text")
        while (line := await self.from_sender.readline()) != b".\r\n":
            if not line:
                raise Over
            if not is_dealt_with:
                await self.write(self.to_relay, line)
        if is_dealt_with or await self.is_spoilt("dot"):
            return
        reply = await self.ask(b".\r\n")
        if not await self.is_spoilt("answer"):
            await self.tell(reply)

    async def is_spoilt(self, phase):
        """Whether a deed has answered in the relay's stead."""
        self.phase = phase
        self.proxy.met[phase] += 1
        deeds = [fault.deed for fault in self.proxy.faults if fault.phase == phase and fault.strikes()]
        return any([await deed(self) for deed in deeds])

    async def call_relay(self):
        """The relay's greeting."""
        port = self.proxy.relay_port
        self.from_relay, self.to_relay = await asyncio.open_connection("127.0.0.1", port, limit=ROOM)
        return await self.reply()

    async def call_relay_again(self):
        """A relay that waits for the rest of a text has to be left."""
        self.to_relay.close()
        await self.call_relay()
        await self.ask(b"EHLO proxy.example\r\n")

    async def ask(self, line):
        await self.write(self.to_relay, line)
        return await self.reply()

    async def reply(self):
        """All lines of one answer."""
        lines = [await self.from_relay.readuntil(b"\n")]
        while lines[-1][3:4] == b"-":
            lines.append(await self.from_relay.readuntil(b"\n"))
        return b"".join(lines)

    async def tell(self, reply):
        await self.write(self.to_sender, reply)

    async def write(self, writer, data):
        for piece in [data] if not self.pause else (data[at : at + 1] for at in range(len(data))):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(self.pause)

    async def close(self):
        for writer in filter(None, (self.to_sender, self.to_relay)):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def phase_of(line):
    """The command's name, in small letters."""
    word = line.split(None, 1)[0].decode("ascii", "replace").lower() if line.strip() else ""
    return "ehlo" if word == "helo" else word
