"""A cohort's messages for HR: when, to whom, why or why not. Never an answer, and nothing that gives one away.

Whether somebody has answered, turned a kind of message off, or taken a pause shows in what becomes of a message. So HR
is not told what became of it: once its time has come, a message that the person could have kept away is “sent, or held
back for the person's own sake”, whichever of the two it was, on the day that everybody is asked (MODEL P4, P7).
Calendar mail goes to everybody, and says what happened.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from django.db.models import Case, CharField, Count, DateTimeField, F, Min, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.rows import HORIZON
from lessons.versions import programme

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

Kind, State = Message.Kind, Message.State
SENT, PLANNED, HELD_BACK, UNDELIVERED = "sendt", "planlagt", "holdt-tilbage", "ikke-leveret"
ASKED = (Kind.PROMPT, Kind.SURVEY, Kind.CONVERSATION, Kind.REMINDER)  # of everybody alike
BEHIND = timedelta(minutes=5)
A_FEW = 32  # comparisons; fewer cost Django more to write down than the database to make
# Reasons that tell of rules, dates and addresses. Any other word might tell of the person: “cap” too, for the follow-up
# that took the place was only sent because its question stood open.
OPEN_REASONS = frozenset(
    {
        *("late_join", "welcome", "stale", "too_late", "expired", "not_accepted", "not_enrolled", "left"),
        *("no_date", "event_cancelled", "replaced", "cancelled", "cohort_cancelled", "no_line_manager"),
        *("undeliverable", "soft", "refused", "unwritable", "crashes", "given_up", "restored"),
    }
)


@dataclass(frozen=True)
class Shelf:
    """What HR reads as one, by its word in the address."""

    key: str
    title: object


SHELVES = (
    Shelf(SENT, _("Sent")),
    Shelf(PLANNED, _("Planned for the coming week")),
    Shelf(HELD_BACK, _("Held back, with the reason")),
    Shelf(UNDELIVERED, _("Could not be delivered")),
)


class Told(TypedDict):
    """What a row of `shown` says beside the message."""

    at: datetime
    shelf: str
    open_reason: str


Shown: TypeAlias = "QuerySet[WithAnnotations[Message, Told]]"


def shown(cohort: Cohort, now: datetime) -> Shown:
    """The messages HR may see a row of, each with `at` and `shelf`, and `open_reason` where HR may know it.

    A follow-up would tell who has not answered, a word about the questions who has left three open, one about a reply
    who has answered by mail, a row before its week who has answered in the lesson already, and a question about an
    experiment how far somebody is with theirs.
    """
    messages = Message.objects.filter(enrolment__cohort=cohort, is_follow_up=False).exclude(kind__in=Message.BETWEEN_US)
    messages = messages.exclude(reason="answered", due_at__gt=now + HORIZON).exclude(template__in=_on_own_days(cohort))
    told = messages.annotate(at=_days(messages)).annotate(shelf=_shelf(now), open_reason=_open_reason())
    return cast("Shown", told)


def _on_own_days(cohort: Cohort) -> list[str]:
    """What is asked on each one's own days, chosen yet or not: HR gets experiments as a number alone (MODEL §5)."""
    prompts = programme(cohort.programme_version.digest).prompts
    return [prompt.key for prompt in prompts if prompt.anchor.startswith("experiment_")]


def _days(messages: QuerySet[Message]) -> Case | F:
    """When: the same for everybody who is asked the same. Somebody's own later day would tell of a pause. One query."""
    asked = messages.filter(kind__in=ASKED).values_list("occurrence_key").annotate(Min("due_at"))
    return _day_among(list(asked.order_by("occurrence_key")))


def _day_among(days: list[tuple[str, datetime]]) -> Case | F:
    """The day of an occurrence, its own where it is none of these. They come in the database's order.

    Halved again and again: of four hundred, a row is compared with thirty at most.
    """
    if len(days) > A_FEW:
        middle = len(days) // 2
        before = When(occurrence_key__lt=days[middle][0], then=_day_among(days[:middle]))
        return Case(before, default=_day_among(days[middle:]), output_field=DateTimeField())
    each = [When(occurrence_key=key, then=Value(at)) for key, at in days]
    return Case(*each, default=F("due_at"), output_field=DateTimeField()) if each else F("due_at")


def _shelf(now: datetime) -> Case:
    """Where HR finds it. For what a person could have kept away, time alone decides between planned and sent."""
    gone = Q(kind=Kind.EVENT, state__in=(State.SENT, State.MERGED)) | Q(at__lte=now)
    return Case(
        When(state__in=(State.FAILED, State.BOUNCED), then=Value(UNDELIVERED)),
        When(state=State.HELD, then=Value(HELD_BACK)),
        When(_is_held_back(), then=Value(HELD_BACK)),
        When(Q(kind=Kind.EVENT, state__in=(State.DUE, State.CLAIMED)), then=Value(PLANNED)),
        When(gone, then=Value(SENT)),
        default=Value(PLANNED),
        output_field=CharField(),
    )


def _is_held_back() -> Q:
    return Q(state__in=(State.SUPPRESSED, State.CANCELLED), reason__in=OPEN_REASONS)


def _open_reason() -> Case:
    return Case(When(reason__in=OPEN_REASONS, then="reason"), default=Value(""), output_field=CharField())


@dataclass(frozen=True)
class Numbers:
    """How many rows each filter opens: as many as the list then shows."""

    shelves: tuple[tuple[Shelf, int], ...]
    kinds: tuple[tuple[Message.Kind, int], ...]
    reasons: tuple[tuple[str, int], ...]

    @property
    def all(self) -> int:
        return sum(number for _shelf, number in self.shelves)


def numbers(messages: Shown) -> Numbers:
    """One query. Kinds and reasons that stand on no row are left out."""
    rows = messages.order_by().values_list("shelf", "kind", "open_reason").annotate(Count("pk"))
    found = list(rows)
    shelves, kinds, reasons = (_sums((row[column], row[3]) for row in found) for column in range(3))
    return Numbers(
        shelves=tuple((shelf, shelves[shelf.key]) for shelf in SHELVES),
        kinds=tuple((kind, kinds[kind]) for kind in Kind if kinds[kind]),
        reasons=tuple((reason, number) for reason, number in sorted(reasons.items()) if reason),
    )


def _sums(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for word, number in pairs:
        sums[word] += number
    return sums


def counts(cohort: Cohort, now: datetime) -> tuple[tuple[Shelf, int], ...]:
    """Each shelf and how many messages stand on it. One query."""
    return numbers(shown(cohort, now)).shelves


def is_behind(now: datetime) -> bool:
    """Whether mail leaves late, for whomever: “sent” is then said a little too early. One index probe."""
    waiting = Message.objects.filter(state=State.DUE, priority__in=Message.PRIORITIES, due_at__lte=now - BEHIND)
    return waiting.exclude(not_before__gt=now - BEHIND).exists()
