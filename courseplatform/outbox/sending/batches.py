"""Claim, look again, compose, send one by one, and settle each before the next (DELIVERY §§2, 5, 6, 9)."""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError

from courseplatform.outbox.models import Message
from courseplatform.outbox.operating import metrics
from courseplatform.outbox.relay import channels
from courseplatform.outbox.sending.admission import CannotBeJudged, Group, admit, is_still_wanted
from courseplatform.outbox.sending.braking import Brake, Braked
from courseplatform.outbox.sending.claiming import BATCH, Lease, claim, close, priorities_due, release
from courseplatform.outbox.sending.database_clock import boot_time
from courseplatform.outbox.sending.heartbeat import beating
from courseplatform.outbox.sending.settling import LeaseLost, in_doubt, outcome, write_down
from courseplatform.outbox.sending.steps import step
from courseplatform.outbox.writing.mail import Mail
from courseplatform.outbox.writing.skeletons import written

log = logging.getLogger(__name__)
State = Message.State
ONE_PASS = 50  # seconds after which a pass begins no further mail
FRESH = 2  # seconds after which the rest of a slice is looked at again


class LookAgain(Exception):
    """Something has happened to this mail since it was admitted."""


class TimeIsUp(Exception):
    """The pass has lasted long enough; the next one takes the rest."""


def send_due(now: datetime) -> Counter[str]:
    """Sends what is due at that instant and returns how many messages ended in which way.

    Any number of processes may do this at once. What the relay would not hear of stays due.
    """
    tally: Counter[str] = Counter()
    until, ahead, goes_on, brake = boot_time() + ONE_PASS, None, True, Brake()
    with channels.open_channel(now) as channel:
        while goes_on and (lease := _next_lease(channel, brake, now, ahead)):
            ahead, batch = lease.ahead, Batch(lease, channel, now, until, brake)
            with beating(lease):
                goes_on = batch.send()
            tally += batch.tally
            metrics.write_down()
    return tally


def _next_lease(channel: channels.Channel, brake: Brake, now: datetime, ahead: timedelta | None) -> Lease | None:
    """Looks first: while nothing is due, neither brake nor relay is asked, and no try at one in trouble is spent."""
    due = priorities_due(now)
    room = _room(channel, brake, now) if due else 0
    return claim(now, batch=room, ahead=ahead, due=due) if room else None


def _room(channel: channels.Channel, brake: Brake, now: datetime) -> int:
    may_go = brake.room(now, BATCH)
    return channel.room(may_go) if may_go else 0


@dataclass
class Batch:
    """What one lease holds, on its way out. A mail is the sender's only while the lease is safe."""

    lease: Lease
    channel: channels.Channel
    now: datetime
    until: float  # boot time
    brake: Brake = field(default_factory=Brake)
    tally: Counter[str] = field(default_factory=Counter)
    looked: float = 0.0  # boot time of the last look at what is being sent
    error: str = ""  # what kind of error the last mail ended in, where it was not the relay's word
    is_out: bool = False  # a mail's final dot may have left, and its outcome is not written down

    def send(self) -> bool:
        """To its end; False when this pass should take no other batch."""
        step("after_claim")
        try:
            self._send_slices()
        except channels.RelayTrouble as trouble:
            log.warning("The mail relay is in trouble (%s); %s messages wait", trouble, self._give_back())
        except Braked as braked:
            log.warning("The brake is on (%s); %s messages wait", braked, self._give_back())
        except TimeIsUp:
            log.info("The pass is over; %s messages wait for the next", self._give_back())
        except LeaseLost:
            log.warning("Lost claim %s: the rest of the batch is somebody else's", self.lease.claim)
        except Exception:
            # With a mail out, only the reaper may touch the batch: that one mail is in doubt.
            if not self.is_out:
                self._give_back()
            raise
        else:
            close(self.lease)
            return True
        return False

    def _give_back(self) -> int:
        left = release(self.lease)
        close(self.lease)
        return left

    def _send_slices(self) -> None:
        while (groups := self._look()) is not None:
            step("slice_query")
            try:
                self._send_slice(groups)
            except LookAgain:
                log.info("A mail of claim %s is looked at again", self.lease.claim)
            metrics.observe("slice_seconds", boot_time() - self.looked)

    def _look(self) -> list[Group] | None:
        self.looked = boot_time()
        try:
            return admit(self.lease, self.now)
        except CannotBeJudged as trouble:
            # Not the message's fault, perhaps: a mistake of ours must not hold a whole morning's mails.
            self._settle_tried(Group(trouble.message), self._unwritable(trouble.message, str(trouble), "judged"))
            return []

    def _send_slice(self, groups: list[Group]) -> None:
        for group in groups:
            self._check_lease()
            if boot_time() > self.until and self.tally:
                raise TimeIsUp
            self._send_one(group)
            if self._is_stale():
                return

    def _is_stale(self) -> bool:
        return boot_time() - self.looked > FRESH

    def _send_one(self, group: Group) -> None:
        """One mail, settled. Raises RelayTrouble, and then nothing is settled; Braked once that was one too many."""
        self.error = ""
        if group.lead.channel == Message.Channel.IN_APP:
            self._settle(group, state=State.SENT, sent_at=self.now)
        elif mail := self._written(group):
            self._settle_tried(group, self._hand_over(group, mail))

    def _settle_tried(self, group: Group, fields: dict[str, Any]) -> None:
        self._settle(group, **self.brake.judge(group.lead, fields, self.error, self.now))
        self.brake.check(self.now)

    def _written(self, group: Group) -> Mail | None:
        """The mail; None when it cannot be written, and then what was to be in it is done with."""
        try:
            return written(group.lead, group.others, self.now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, the others go on
            self._send_the_rest(group, type(error).__name__)
            return None

    def _send_the_rest(self, group: Group, error: str) -> None:
        """Holds what cannot be written, and sends what can: one message must not hold back another of its day."""
        wrong = [one for one in group.messages if not (group.others and self._can_be_written(one))] or group.messages
        for one in wrong:
            self._settle_tried(Group(one), self._unwritable(one, error))
        if rest := [one for one in group.messages if one not in wrong]:
            self._send_one(Group(rest[0], rest[1:]))

    def _can_be_written(self, message: Message) -> bool:
        try:
            written(message, [], self.now)
        except Exception:  # noqa: BLE001 - as above
            return False
        return True

    def _unwritable(self, message: Message, error: str, what: str = "written or sent") -> dict[str, Any]:
        self.error = error
        log.error("Message %s cannot be %s: %s", message.pk, what, error)
        return {"state": State.HELD, "reason": "unwritable"}

    def _hand_over(self, group: Group, mail: Mail) -> dict[str, Any]:
        step("before_mail")
        try:
            reply = self.channel.send(mail, before_dot=lambda: self._last_look(group))
        except (channels.RelayTrouble, LookAgain, LeaseLost, DatabaseError):
            raise
        except channels.Undelivered as trouble:
            return outcome(trouble, group.lead, self.now)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one mail, the others go on
            fields = self._unwritable(group.lead, type(error).__name__)
            return in_doubt(group.lead, self.now) if self.is_out else fields
        step("after_250")
        went = {"state": State.SENT, "sent_at": self.now, "reply_code": reply.code}
        return went | {"reason": "", "merged_into": None}

    def _last_look(self, group: Group) -> None:
        """Directly before the final dot: is it still ours, and still wanted? Until the dot a mail can be called off."""
        self._check_lease()
        if self._is_stale() and not is_still_wanted(self.lease, group, self.now):
            raise LookAgain
        self._check_lease()  # that look may have taken its time
        self.is_out = True

    def _check_lease(self) -> None:
        if not self.lease.is_safe():
            raise LeaseLost

    def _settle(self, group: Group, **fields: Any) -> None:
        self.tally[write_down(self.lease, group, self.now, **fields)] += 1
        self.is_out = False
        step("after_commit")
