"""Mails a second, from rows to a relay that writes down what it accepts (DELIVERY §13)."""

from collections.abc import Callable, Iterator

from django.conf import settings

from bench import ordinary
from bench.faraway import send_pipelined, wire_to
from bench.measuring import Result, rates, seconds, together
from bench.messages import all_due_again, loaded, world
from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.writing.skeletons import written
from tests.faults.world import TUESDAY, World

MAILS = 1000
FAR = 100  # mails at five milliseconds a round trip
SENDERS = 2
UNIT = "mails/s"


def measure(*, is_full: bool) -> Iterator[Result]:
    with world() as here:
        here.add_messages(MAILS)
        mails = [written(one, [], TUESDAY) for one in loaded()]
        yield _one_sender(here, mails)
        yield _against_celery(here)
        yield _against_a_loop(here)
    with world() as here, wire_to(here.sink.port) as port:
        here.add_messages(FAR)
        yield from _far_away(here, port)


def _one_sender(here: World, mails: list) -> Result:
    return rates(
        "one sender, settling each; smtplib with ready bytes, no database",
        lambda: _speed(here, MAILS, _send),
        lambda: _speed(here, MAILS, lambda: ordinary.send_ready(mails, here.sink.port)),
        unit=UNIT,
        target=0.8,
    )


def _against_celery(here: World) -> Result:
    with ordinary.celery_workers(SENDERS, here.sink.port):
        _speed(here, MAILS, lambda: ordinary.send_by_celery(ordinary.unsent(), here.sink.count))  # they warm up
        return rates(
            "whole path, two senders; one Celery task for each recipient",
            lambda: _speed_together(here, _send),
            lambda: _speed(here, MAILS, lambda: ordinary.send_by_celery(ordinary.unsent(), here.sink.count)),
            unit=UNIT,
            target=5,
        )


def _against_a_loop(here: World) -> Result:
    return rates(
        "whole path, two senders; a loop that locks, sends and commits row by row",
        lambda: _speed_together(here, _send),
        lambda: _speed_together(here, ordinary.send_by_loop),
        unit=UNIT,
        target=4,
    )


def _far_away(here: World, port: int) -> Iterator[Result]:
    """The relay is five milliseconds away. Pipelining waits until somebody needs it; here is what it would give."""
    messages = loaded()
    mails = [written(one, [], TUESDAY) for one in messages]
    plain = [ordinary.mail_of(one) for one in messages]

    def through_the_wire(send: Callable[[], object]) -> Callable[[], float]:
        return lambda: _speed(here, FAR, send, port)

    cases = (
        ("5 ms away, one connection (waits); a pipelined socket", lambda: send_pipelined(mails, port), 0.8),
        (
            "5 ms away, one connection (waits); Django on one connection",
            lambda: ordinary.send_by_django(plain, port),
            3.5,
        ),
        ("5 ms away, one connection; a connection for each mail", lambda: ordinary.send_each_alone(plain, port), 5),
    )
    for name, baseline, target in cases:
        yield rates(name, through_the_wire(_send), through_the_wire(baseline), unit=UNIT, target=target)


def _send() -> None:
    while send_due(TUESDAY):
        pass


def _speed(here: World, count: int, send: Callable[[], object], port: int | None = None) -> float:
    settings.EMAIL_PORT = port or here.sink.port
    all_due_again()
    here.sink.forget()
    taken = seconds(send)
    return count / _checked(here, count, taken)


def _speed_together(here: World, send: Callable[[], object]) -> float:
    all_due_again()
    here.sink.forget()
    return MAILS / _checked(here, MAILS, together(SENDERS, send))


def _checked(here: World, count: int, taken: float) -> float:
    """A speed is worth something only if every mail went, and went once."""
    lines = [line.message_id for line in here.sink.lines()]
    assert len(lines) == len(set(lines)) == count, f"{len(lines)} mails, {len(set(lines))} different, of {count}"
    return taken
