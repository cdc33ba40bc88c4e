"""What an operator may do about messages that wait for a decision: try again, or give up.

Every change is guarded: of two clicks one counts. The Message-ID stays, so that a mail server that has had the mail
knows it again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from courseplatform.outbox.models import Message
from courseplatform.outbox.operating.delivery_state import in_need
from courseplatform.people.models import User
from courseplatform.people.privacy.audit import record_all

State = Message.State
AT_ONCE = 1000  # messages; more wait for the next click
GIVEN_UP = "given_up"
TRIED_AGAIN = _("Had a message to you tried again that had not got through.")
GAVE_UP = _("Gave up a message to you that could not be delivered.")


@dataclass(frozen=True)
class Pile:
    """What a decision about many would be about: how many messages, to how many people, and of each kind how many."""

    number: int
    people: int
    kinds: tuple[tuple[str, int], ...]


def pile(messages: QuerySet[Message]) -> Pile:
    """Two queries."""
    people = messages.aggregate(people=Count("person", distinct=True))["people"]
    kinds = messages.order_by().values_list("kind").annotate(number=Count("pk")).order_by("-number", "kind")
    words = tuple((str(Message.Kind(kind).label), number) for kind, number in kinds)
    return Pile(sum(number for _kind, number in words), people, words)


def worth_trying(messages: QuerySet[Message], now: datetime) -> QuerySet[Message]:
    """Those that can go and have not gone: what may have gone out already is decided one by one."""
    return _can_go(messages, now).filter(maybe_sent=False)


def _can_go(messages: QuerySet[Message], now: datetime) -> QuerySet[Message]:
    """Not what has run out of time, and nothing to an address that takes no mail: a sender would hold it back."""
    return messages.filter(expires_at__gt=now, person__undeliverable_since=None).exclude(person__email="")


def try_again(messages: QuerySet[Message], by: User, now: datetime, *, even_twice: bool = False) -> int:
    """Held and failed ones become due at that instant, as if never tried; returns how many.

    Left alone: what cannot go, and, unless `even_twice`, what may have gone out already.
    """
    useful = _can_go(messages, now) if even_twice else worth_trying(messages, now)
    fresh = {"tries": 0, "crashes": 0, "reply_code": None, "reply_enhanced": ""}
    return _decide(useful, by, now, "retry_message", TRIED_AGAIN, state=State.DUE, reason="", due_at=now, **fresh)


def give_up(messages: QuerySet[Message], by: User, now: datetime) -> int:
    """Held and failed ones are held back for good; returns how many."""
    return _decide(messages, by, now, "give_up_message", GAVE_UP, state=State.SUPPRESSED, reason=GIVEN_UP)


@transaction.atomic
def _decide(
    messages: QuerySet[Message], by: User, now: datetime, action: str, purpose: object, **fields: object
) -> int:
    chosen = (messages & in_need()).order_by("pk").select_for_update(of=("self",))
    found = list(chosen.select_related("person")[:AT_ONCE])
    done = in_need().filter(pk__in=[message.pk for message in found]).update(claim=None, claim_pos=None, **fields)
    record_all(by, action, ((one, one.person, _said_to(one.person, purpose)) for one in found), now=now)
    return done


def _said_to(person: User, purpose: object) -> str:
    """In the language of the person it is about: they read it."""
    with override(person.language):
        return str(purpose)


def masked(address: str) -> str:
    """Enough of an address to know whose mail server it is, and not whose address."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}…{at}{domain}"
