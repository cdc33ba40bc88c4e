"""HR's list of a cohort's people: which of them, in which order, fifty at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from courseplatform.cohorts.danish_order import danish
from courseplatform.cohorts.models import Enrolment
from courseplatform.insights.status import Status

PER_PAGE = 50
WITHOUT_MAIL, ENDED = "uden-mail", "stoppet"
STILL_HERE = (Enrolment.State.INVITED, *Enrolment.TAKING_PART)


@dataclass(frozen=True)
class Choice:
    """What the address asks for. Words that mean nothing are as good as none."""

    words: str = ""
    show: str = ""  # an enrolment state, WITHOUT_MAIL, ENDED, or empty for everybody still on the cohort
    workshop: str = ""
    answer: str = ""
    order: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Choice":
        return cls(
            query.get("q", "").strip(),
            query.get("vis", ""),
            query.get("workshop", ""),
            query.get("svar", ""),
            query.get("orden", ""),
        )

    @property
    def query(self) -> str:
        """The same choice as the beginning of a query string: empty, or ending in “&”."""
        given = (("q", self.words), ("vis", self.show), ("workshop", self.workshop), ("svar", self.answer))
        chosen = [(name, value) for name, value in (*given, ("orden", self.order)) if value]
        return urlencode(chosen) + "&" if chosen else ""


def page(people: Iterable[Status], choice: Choice, number: str | None) -> Page[Status]:
    """One page of those chosen, sorted; a page that does not exist is the nearest one."""
    chosen = [person for person in people if _is_shown(person, choice) and _has_words(person, choice.words)]
    return Paginator(sorted(chosen, key=_order(choice.order)), PER_PAGE).get_page(number)


def _is_shown(person: Status, choice: Choice) -> bool:
    if choice.answer:
        answer = person.workshop(choice.workshop)
        return person.state in Enrolment.TAKING_PART and answer is not None and answer.response == choice.answer
    if choice.show == WITHOUT_MAIL:
        return person.is_unreachable and person.state in STILL_HERE
    if choice.show == ENDED:
        return person.state not in STILL_HERE
    if choice.show in Enrolment.State.values:
        return person.state == choice.show
    return person.state in STILL_HERE


def _has_words(person: Status, words: str) -> bool:
    """Every word, somewhere in what the row shows."""
    shown = f"{person.name} {person.unit} {person.group}".casefold()
    return all(word in shown for word in words.casefold().split())


def _order(name: str) -> Callable[[Status], tuple[object, ...]]:
    """Names decide among equals."""
    orders: dict[str, Callable[[Status], object]] = {
        "gruppe": lambda person: danish(person.group or "ø"),
        "enhed": lambda person: danish(person.unit or "ø"),
        "laest": lambda person: -person.read,
    }
    first = orders.get(name)
    return lambda person: (first(person) if first else 0, danish(person.name), str(person.enrolment))
