"""A meeting's agenda as steps on the clock, from the programme's template (MODEL §8).

The template's first item is the opening round and its last one the process review; items that begin with “Tur” are
turns of four parts; the rest are breaks. A turn that nobody presents in becomes a shared theme.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from lessons.instruments import AgendaItem
from lessons.shape import Programme

FEWEST_TURNS = 2
# Kind → share of a turn's minutes: 5, 25, 10 and 5 of the usual 45.
PARTS = {"presentation": 1, "questions": 5, "wondering": 2, "commitment": 1}
SHARES = sum(PARTS.values())
TITLES = {
    "presentation": _("Presentation"),
    "questions": _("Open questions"),
    "wondering": _("Shared wondering"),
    "commitment": _("Commitment"),
    "theme": _("Shared theme"),
}
HEADINGS = {"questions": _("Only questions")}  # where the group is to be told more than what it is called
RULES = {
    "presentation": _("One tells. Everybody else listens."),
    "questions": _("Advice and stories of our own can wait."),
    "wondering": _("We wonder aloud; the presenter listens."),
    "commitment": _("What will you do before we meet next?"),
    "theme": _("What do we have in common that is worth the time?"),
}


@dataclass(frozen=True)
class Step:
    """One stretch of the meeting. `item` is its place in the template, `turn` 1, 2, 3 inside a turn and else 0."""

    kind: str
    minutes: int
    title: object
    rule: object
    item: int
    turn: int = 0

    @property
    def heading(self) -> object:
        """What stands large over it while it is on."""
        return HEADINGS.get(self.kind, self.title)

    @property
    def name_inside(self) -> object:
        """What it is called inside a sentence; a turn's first part stands for the turn."""
        if self.kind == "presentation":
            return _("turn %(number)d") % {"number": self.turn}
        title = str(self.title)
        return title[:1].lower() + title[1:]


@dataclass(frozen=True)
class Stretch:
    """One item of the template with its steps: four for a turn, one for everything else."""

    steps: tuple[Step, ...]

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)


def most_turns(programme: Programme) -> int:
    """How many the template has room for."""
    return sum(map(_is_turn, programme.group_meeting_agenda))


def steps_of(programme: Programme, turns: int, language: str) -> list[Step]:
    """The whole meeting with that many turns."""
    steps: list[Step] = []
    begun = 0
    for place, item in enumerate(programme.group_meeting_agenda):
        begun += _is_turn(item)
        steps += _steps_of(item, place, programme, begun if _is_turn(item) else 0, turns, language)
    return steps


def stretches_of(programme: Programme, turns: int, language: str) -> list[Stretch]:
    """The same, item by item."""
    steps = steps_of(programme, turns, language)
    return [Stretch(tuple(own)) for _item, own in groupby(steps, key=lambda step: step.item)]


def _is_turn(item: AgendaItem) -> bool:
    return item.text.da.startswith("Tur ")


def _steps_of(
    item: AgendaItem, place: int, programme: Programme, turn: int, turns: int, language: str
) -> Iterator[Step]:
    if not turn:
        yield _as_written(item, place, len(programme.group_meeting_agenda) - 1, language)
    elif turn > turns:
        yield Step("theme", item.minutes, TITLES["theme"], RULES["theme"], place)
    else:
        for kind, minutes in _shared_out(item.minutes).items():
            yield Step(kind, minutes, TITLES[kind], RULES[kind], place, turn)


def _as_written(item: AgendaItem, place: int, last: int, language: str) -> Step:
    """“Runde: Hvad skete der med sidste aftale?” is a title and a rule."""
    title, _colon, rule = item.text.read(language)[0].partition(":")
    kind = {0: "round", last: "review"}.get(place, "break")
    return Step(kind, item.minutes, title.strip(), rule.strip(), place)


def _shared_out(minutes: int) -> dict[str, int]:
    """A turn's minutes over its parts, whole minutes, each at least one; the questions get what is left."""
    parts = {kind: max(1, minutes * share // SHARES) for kind, share in PARTS.items()}
    parts["questions"] += max(0, minutes - sum(parts.values()))
    return parts
