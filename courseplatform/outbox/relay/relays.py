"""How much a relay takes: its breaker, its rate, and the slow start after a standstill (DELIVERY §§7, 9).

One row per relay, shared by all senders: what one of them learns, the others know.
"""

import logging
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import F

from courseplatform.outbox.models import Message, Pulse, Relay
from courseplatform.outbox.relay.replies import Refused

log = logging.getLogger(__name__)
FIRST_WAIT, LONGEST_WAIT = 5, 300  # seconds that a relay in trouble is left alone
A_MINUTE = timedelta(minutes=1)
BURST = 4  # no more at once than a quarter of a minute's mails: about what one dispatch is there for
RAMP = timedelta(minutes=10)  # after a standstill
RAMP_BEGINS_AT = 0.1
FULL_SPEED = 6000  # mails a minute that the ramp climbs to where no rate is set


class Grant(NamedTuple):
    """Mails that may go at once. A probe is one, and tells whether a relay that was in trouble is back.

    What is counted came out of the bucket, and is given back if it is not sent.
    """

    mails: int
    is_probe: bool = False
    is_counted: bool = False


NOTHING, PROBE = Grant(0), Grant(1, is_probe=True)


def take(name: str, now: datetime, wanted: int) -> Grant:
    """How many mails may go to that relay at once, at most `wanted`; they count as gone. 0: leave it alone for now.

    To a relay in trouble one may go once its time is up, and nobody else tries until that one has an answer.
    """
    rate, relay = rate_at(now), Relay.objects.filter(name=name).first()
    if not rate and (relay is None or not relay.failures):
        return Grant(wanted)
    return _take(name, now, wanted, rate)


@transaction.atomic
def _take(name: str, now: datetime, wanted: int, rate: float) -> Grant:
    relay = _locked(name)
    if relay.failures:
        return PROBE if _may_probe(relay, now) else NOTHING
    return Grant(_poured(relay, now, rate, wanted), is_counted=True) if rate else Grant(wanted)


def give_back(name: str, unused: int) -> None:
    """What was counted and did not go."""
    Relay.objects.filter(name=name).update(tokens=F("tokens") + unused)


@transaction.atomic
def failed(name: str, now: datetime) -> None:
    """The relay is in trouble. Many senders may notice at once: it counts once."""
    relay = _locked(name)
    if not _rests(relay, now):
        _rest(relay, now)


def answered(name: str) -> None:
    """The relay is well again."""
    Relay.objects.filter(name=name).update(failures=0, open_until=None)


def alert(name: str, refused: Refused) -> None:
    """Once per relay and reply, until a person has decided about what is held for it."""
    known = Message.objects.filter(state=Message.State.HELD, reason="refused")
    if not known.filter(reply_code=refused.code, reply_enhanced=refused.enhanced).exists():
        log.error("%s will not take a mail from us (%s): somebody must look at what is held", name, refused)


def allowance(now: datetime) -> float:
    """The share of the usual speed that is right now: after a standstill from a tenth to all, in ten minutes."""
    since = Pulse.objects.values_list("catching_up_since", flat=True).first()
    if since is None:
        return 1.0
    climbed = max(now - since, timedelta(0)) / RAMP
    return min(1.0, RAMP_BEGINS_AT + (1 - RAMP_BEGINS_AT) * climbed)


def rate_at(now: datetime) -> float:
    """Mails a minute; 0 for as many as there are."""
    share = allowance(now)
    return settings.RELAY_RATE * share if settings.RELAY_RATE or share == 1 else FULL_SPEED * share


def _locked(name: str) -> Relay:
    Relay.objects.bulk_create([Relay(name=name)], ignore_conflicts=True)
    return Relay.objects.select_for_update().get(name=name)


def _may_probe(relay: Relay, now: datetime) -> bool:
    """Whoever may try counts the failure in advance; an answer takes it back."""
    if _rests(relay, now):
        return False
    _rest(relay, now)
    return True


def _rests(relay: Relay, now: datetime) -> bool:
    """Whether its time is not up yet. It began by a clock that was set back since, when it is longer than any rest."""
    return relay.open_until is not None and now < relay.open_until < now + 2 * timedelta(seconds=LONGEST_WAIT)


def _rest(relay: Relay, now: datetime) -> None:
    seconds = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(relay.failures, 10))
    jitter = 1 - secrets.randbelow(200) / 1000
    relay.failures = min(relay.failures + 1, 1000)
    relay.open_until = now + timedelta(seconds=seconds * jitter)
    relay.save(update_fields=["failures", "open_until"])


def _poured(relay: Relay, now: datetime, rate: float, wanted: int) -> int:
    """Whole tokens out of the bucket, which fills all the time and never holds more than a burst."""
    room = max(1.0, rate / BURST)
    filled_at = relay.filled_at or now - A_MINUTE
    since = max(timedelta(0), now - filled_at).total_seconds()
    relay.tokens = min(room, relay.tokens + since * rate / 60)
    # Another sender may be a little ahead; more than that, and the clock was set back.
    relay.filled_at = max(now, filled_at) if filled_at < now + A_MINUTE else now
    poured = min(wanted, int(relay.tokens))
    relay.tokens -= poured
    relay.save(update_fields=["tokens", "filled_at"])
    return poured
