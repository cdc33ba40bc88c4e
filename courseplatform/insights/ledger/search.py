"""Which of a cohort's messages HR asks for, in which order. Every filter works on what rows show, and on no more."""

from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import QueryDict

from courseplatform.insights.ledger.reading import OPEN_REASONS, SHELVES, Shown
from courseplatform.outbox.models import Message
from courseplatform.people.models import User
from courseplatform.people.written_text import search_words, tidy

COMING, GONE = "kommer", "gaaet"


@dataclass(frozen=True)
class Search:
    """What the address asks for, by the address's own words. One that means nothing is as good as none."""

    q: str = ""
    hylde: str = ""  # a shelf
    art: str = ""  # a kind of message
    grund: str = ""  # a reason
    tid: str = ""  # COMING or GONE
    emne: str = ""  # a template

    @classmethod
    def read(cls, query: QueryDict) -> "Search":
        given = {name: tidy(query.get(name, "")) for name in cls.__dataclass_fields__}
        known = {
            "hylde": {shelf.key for shelf in SHELVES},
            "art": set(Message.Kind.values) - set(Message.BETWEEN_US),
            "grund": OPEN_REASONS,
            "tid": {COMING, GONE},
        }
        return cls(**{name: value for name, value in given.items() if value in known.get(name, {value})})

    @property
    def query(self) -> str:
        """The same as a query string: empty, or ending in “&”."""
        chosen = {name: value for name, value in asdict(self).items() if value}
        return f"{urlencode(chosen)}&" if chosen else ""

    def among(self, messages: Shown, now: datetime) -> Shown:
        """Those of `ledger.shown` it asks for, in order."""
        exact = {"shelf": self.hylde, "kind": self.art, "open_reason": self.grund, "template": self.emne}
        found = messages.filter(**{field: value for field, value in exact.items() if value})
        if self.tid:
            found = found.filter(at__gt=now) if self.tid == COMING else found.filter(at__lte=now)
        if words := search_words(self.q):
            found = found.filter(person__in=_called(words, messages))
        return self.in_order(found)

    def in_order(self, messages: Shown) -> Shown:
        """The next one first among what is coming, else the latest first."""
        return messages.order_by("at" if self.tid == COMING else "-at", "pk")


def _called(words: list[str], messages: Shown) -> list[UUID]:
    """Of those who get one of these messages, whoever else there is by that name.

    Read first: a database that expects next to nobody by these words looks up all that each of them ever got.
    """
    people = User.objects.filter(pk__in=messages.order_by().values("person"))
    for word in words:
        people = people.filter(Q(display_name__icontains=word) | Q(email__icontains=word))
    return list(people.values_list("pk", flat=True))
