"""A cohort's messages for HR: when, to whom, why or why not. Never an answer, and nothing that gives one away."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Cohort
from courseplatform.outbox.models import Message

State = Message.State


@dataclass(frozen=True)
class Shelf:
    """States that HR reads as one."""

    key: str
    title: object
    states: tuple[str, ...]


SHELVES = (
    Shelf("sendt", _("Sent"), (State.SENT, State.MERGED)),
    Shelf("planlagt", _("Planned for the coming week"), (State.DUE, State.CLAIMED)),
    Shelf("holdt-tilbage", _("Held back, with the reason"), (State.SUPPRESSED, State.CANCELLED, State.HELD)),
    Shelf("ikke-leveret", _("Could not be delivered"), (State.FAILED, State.BOUNCED)),
)
# These reasons tell what somebody has done or chosen for themselves; HR is not told who (MODEL P4, P7).
PERSONAL = frozenset({"answered", "muted", "dismissed", "digest", "paused"})


def shown(cohort: Cohort) -> QuerySet[Message]:
    """The messages HR may see a row of. A follow-up would tell who has not answered, so there are none."""
    return Message.objects.filter(enrolment__cohort=cohort, is_follow_up=False)


def counts(cohort: Cohort) -> list[tuple[Shelf, int]]:
    """Each shelf and how many messages stand on it: as many as `on_shelf` lists. One query."""
    states = dict(shown(cohort).order_by().values_list("state").annotate(Count("pk")))
    return [(shelf, sum(states.get(state, 0) for state in shelf.states)) for shelf in SHELVES]


def on_shelf(messages: QuerySet[Message], key: str) -> QuerySet[Message]:
    """Those of one shelf; all of them for a key that is none."""
    states = next((shelf.states for shelf in SHELVES if shelf.key == key), ())
    return messages.filter(state__in=states) if states else messages


def is_personal(reason: str) -> bool:
    """Whether the reason is the person's own business."""
    return reason in PERSONAL
