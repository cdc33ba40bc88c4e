"""A database of its own with people who wait for a message, a relay with a ledger, and the senders between them."""

import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet

from courseplatform.cohorts.models import Enrolment
from courseplatform.outbox.models import Claim, Message
from courseplatform.outbox.sending.reaping import reap
from courseplatform.people.models import User
from tests.factories import CohortFactory
from tests.faults.ledger import LedgerSink
from tests.faults.own_postgres import OwnPostgres
from tests.faults.sender import Orders, Sender

State = Message.State
TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)  # a working day, well inside the hours in which mail may leave
UNHURRIED = 120  # seconds of lease, for tests that do not wait for its end
LATER = timedelta(hours=1)  # any lease has run out by then
FINAL = set(State) - {State.DUE, State.CLAIMED}


@dataclass(frozen=True)
class Tally:
    """DELIVERY §12: what the ledger says beside what the rows say."""

    lost: int  # sent, says the row, and no line says so
    duplicates: int  # lines more than distinct ones
    unflagged: int  # duplicates whose row never said “maybe”
    unknown: int  # lines that no row accounts for
    states: Counter

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.duplicates} twice, {self.unflagged} of them unflagged; {dict(self.states)}"


class World:
    """Use one to a test. The clock on its wall began at TUESDAY and runs on."""

    def __init__(self, folder: Path, sink: LedgerSink, server: OwnPostgres | None = None):
        self.folder, self.sink, self.server = folder, sink, server
        sink.forget()
        self.cohort = CohortFactory()
        shift = round((TUESDAY - datetime.now(UTC)).total_seconds())
        self.orders = Orders(dict(connection.settings_dict), sink.port, folder / "senders.log", shift)
        self.senders: list[Sender] = []
        self.dead: list[str] = []  # as their claims name them

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.orders.shift)

    # --- Messages ----------------------------------------------------------------------------------------------------
    def add_messages(self, count: int, **fields) -> list[Message]:
        """That many people with one question each, all of it due. In sending order."""
        born = User.objects.count()
        people = [self._person(born + number) for number in range(count)]
        User.objects.bulk_create(people, batch_size=500)
        enrolments = [Enrolment(cohort=self.cohort, person=one, state="active", activated_at=TUESDAY) for one in people]
        Enrolment.objects.bulk_create(enrolments, batch_size=500)
        return Message.objects.bulk_create([self._message(one, **fields) for one in enrolments], batch_size=500)

    def _person(self, number: int) -> User:
        email, name = f"deltager{number}@fjordby.example", f"Leder {number}"
        return User(email=email, display_name=name, municipality=self.cohort.municipality, password="!")

    def _message(self, enrolment: Enrolment, **fields) -> Message:
        question = {
            "kind": Message.Kind.PROMPT,
            "template": "p-a2-tuesday",
            "template_version": self.cohort.programme_version.digest,
            "occurrence_key": "a2:0:p-a2-tuesday:0",
            "local_at": TUESDAY,
            "tzid": "Europe/Copenhagen",
            "due_at": TUESDAY - timedelta(minutes=30),
            "expires_at": TUESDAY + timedelta(days=14),
        }
        return Message(enrolment=enrolment, person=enrolment.person, **(question | fields))

    # --- Senders -----------------------------------------------------------------------------------------------------
    def start(self, **orders) -> Sender:
        sender = Sender(replace(self.orders, **orders))
        self.senders.append(sender)
        return sender

    def start_and_stop_at(self, step: str, **orders) -> Sender:
        """A sender that stands still at that step of the sending."""
        note = self.folder / f"{step}-{len(self.senders)}"
        sender = self.start(pause_at=f"{step}:{note}", again=False, **orders)
        wait_until(note.exists, f"a sender reaches {step}")
        return sender

    def keep_one_at_work(self, **orders) -> None:
        """Where only one is at work, all leases are a dead one's once it is dead."""
        if not (self.senders and self.senders[-1].is_alive()):
            self.let_leases_run_out()
            self.start(**orders)

    def kill(self, sender: Sender) -> None:
        """Nobody need wait for its lease: that leases run out is K3's to test, and a short one costs the living theirs
        on a busy machine."""
        sender.kill()
        self.dead.append(f"{socket.gethostname()}:{sender.pid}")

    def kill_all(self) -> None:
        for sender in self.senders:
            sender.kill()
        self.senders.clear()

    def kill_machine(self) -> None:
        """Whatever runs here is gone, an own database server too; that one starts again."""
        if self.server:
            self.server.kill()
        self.kill_all()
        if self.server:
            self.server.start()

    def wait_for_mails(self, count: int) -> None:
        def are_out():
            self.let_leases_of_the_dead_run_out()  # again and again: what one had just sent may reach the server later
            return self.sink.count() >= count

        wait_until(are_out, f"{count} mails are out; see {self.orders.log}")

    # --- Time --------------------------------------------------------------------------------------------------------
    def let_leases_run_out(self) -> None:
        """As the reaper sees it an hour later."""
        reap(self.now() + LATER)

    def let_leases_of_the_dead_run_out(self) -> None:
        if self.dead:
            Claim.objects.filter(open=True, worker__in=self.dead).update(lease_until=TUESDAY)

    def let_doubts_pass(self) -> None:
        """What waits for another try need not wait any longer."""
        Message.objects.filter(state=State.DUE, due_at__gt=TUESDAY).update(due_at=TUESDAY)

    def finish(self, *, seconds=90, meanwhile=lambda: None) -> None:
        """Until every message is in its final state: the senders at work go on, doubts pass at once."""
        until = time.monotonic() + seconds
        while Message.objects.exclude(state__in=FINAL).exists():
            meanwhile()
            assert time.monotonic() < until, f"unfinished: {self.tally()}; the senders' log is {self.orders.log}"
            self.let_leases_of_the_dead_run_out()
            self.let_doubts_pass()
            time.sleep(0.1)

    def drain(self) -> None:
        """An hour later, one sender sends what is left."""
        self.let_leases_run_out()
        self.let_doubts_pass()
        assert self.start(again=False).finish() == 0

    def rows_of(self, messages: list[Message]) -> QuerySet[Message]:
        return Message.objects.filter(pk__in=[message.pk for message in messages])

    # --- What came of it ---------------------------------------------------------------------------------------------
    def tally(self, messages: list[Message] | None = None) -> Tally:
        """Of these messages, or of all there are."""
        rows = {row.message_id: row for row in (self.rows_of(messages) if messages else Message.objects.all())}
        lines = Counter(line.message_id for line in self.sink.lines())
        twice = {message_id: lines[message_id] - 1 for message_id in rows if lines[message_id] > 1}
        return Tally(
            lost=sum(row.state == State.SENT and message_id not in lines for message_id, row in rows.items()),
            duplicates=sum(twice.values()),
            unflagged=sum(count for message_id, count in twice.items() if not rows[message_id].maybe_sent),
            unknown=sum(count for message_id, count in lines.items() if message_id not in rows),
            states=Counter(row.state for row in rows.values()),
        )


def wait_until(happened: Callable[[], bool], what: str, *, seconds=60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, f"waited in vain until {what}"
        time.sleep(0.01)
