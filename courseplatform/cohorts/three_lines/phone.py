"""The three lines from top to bottom: one row a stop, by date. Also the list for screen readers, print and zoom."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.utils.safestring import SafeString

from courseplatform.cohorts.three_lines.lines import Event, Line, Lines, Stop, Stretch
from courseplatform.cohorts.three_lines.marks import drawn, mark, tag
from lessons.shape import Text

AXES = {1: 14, 2: 46, 3: 78}
LANE, DEEPEST = 13, 1  # px; a third lane lies on the second
MARK_Y = 26
Kind = Literal["month", "now", "lesson", "meeting", "workshop"]
Position = Literal["start", "run", "end", "both"]


@dataclass(frozen=True)
class Strand:
    """What one line does in one row. `shape` is “thin” (the line) or “thick” (a module on it).

    In the row of “nu” a module has two: what is “gone” above the mark, and what “comes” below it.
    """

    track: int
    lane: int
    shape: Literal["thin", "thick"]
    position: Position
    is_ahead: bool
    half: Literal["", "gone", "comes"] = ""

    @property
    def classes(self) -> str:
        words = ["strand", self.shape, self.position, f"c{self.track}", f"l{self.lane}", self.half]
        return " ".join(word for word in [*words, "ahead" if self.is_ahead else ""] if word)

    @property
    def leaves_its_line(self) -> bool:
        return self.lane > 0 and self.position in ("start", "both")


@dataclass(frozen=True)
class PhoneRow:
    """One row: a month (in a template every fourth week, `programme_week`), “nu”, a lesson, a meeting or a workshop."""

    kind: Kind
    week: float
    rank: float
    on: date
    line: Line | None = None
    stretch: Stretch | None = None
    stop: Stop | None = None
    event: Event | None = None
    begins_stretch: bool = False
    programme_week: int | None = None
    strands: tuple[Strand, ...] = ()

    @property
    def title(self) -> Text | None:
        return self.stop.title if self.stop else self.event.title if self.event else None

    @property
    def address(self) -> str:
        return self.stop.address if self.stop else self.event.address if self.event else ""

    @property
    def drawing(self) -> SafeString:
        """The mark at the row's place on its line."""
        return drawn([_drawing(self)])


def rows(lines: Lines) -> tuple[PhoneRow, ...]:
    """Every stop in order of date, with what each strand does there."""
    ordered = sorted(_happenings(lines), key=lambda row: (row.week, row.rank))
    listed = tuple(_with_weeks(ordered) if lines.now is None else _with_months(ordered))
    return tuple(replace(row, strands=tuple(_strands(place, listed, lines))) for place, row in enumerate(listed))


def _happenings(lines: Lines) -> Iterator[PhoneRow]:
    """A module's lessons all stand at its opening; on one day “nu” comes first, then lessons, then meetings."""
    for line in lines.lines:
        for stretch in line.stretches:
            for number, stop in enumerate(stretch.stops):
                rank = 1 + line.number / 10
                yield PhoneRow("lesson", stretch.open, rank, stretch.opens_on, line, stretch, stop, None, number == 0)
    for meeting in lines.meetings:
        yield PhoneRow("meeting", meeting.week, 2, meeting.in_week_of, event=meeting)
    for workshop in lines.workshops:
        yield PhoneRow("workshop", workshop.week, 2, workshop.in_week_of, event=workshop)
    if lines.now is not None and lines.today:
        yield PhoneRow("now", lines.now, 0, lines.today)


def _with_months(ordered: list[PhoneRow]) -> Iterator[PhoneRow]:
    month = None
    for row in ordered:
        if row.kind != "now" and (row.on.year, row.on.month) != month:
            month = (row.on.year, row.on.month)
            yield PhoneRow("month", row.week - 0.001, 0, row.on)
        yield row


def _with_weeks(ordered: list[PhoneRow]) -> Iterator[PhoneRow]:
    """A template has no months: every fourth week in which something is, as on the wide drawing."""
    last = -1
    for row in ordered:
        if (block := int(row.week) // 4) != last:
            last = block
            yield PhoneRow("month", row.week - 0.001, 0, row.on, programme_week=block * 4 + 1)
        yield row


def _strands(place: int, listed: tuple[PhoneRow, ...], lines: Lines) -> Iterator[Strand]:
    row, is_last = listed[place], place == len(listed) - 1
    following = lines.weeks + 1.0 if is_last else listed[place + 1].week
    # Without a “nu” nothing has gone yet.
    is_ahead = place >= next((number for number, one in enumerate(listed) if one.kind == "now"), 0)
    begun = {one.stretch.key: one is row for one in listed[: place + 1] if one.stretch and one.begins_stretch}
    for line in lines.lines:
        yield Strand(line.number, 0, "thin", "start" if place == 0 else "end" if is_last else "run", is_ahead)
        for stretch in line.stretches:
            if stretch.key in begun and stretch.end > row.week:
                position = _position(begun[stretch.key], stretch.end <= following)
                yield from _thick(line.number, stretch, position, is_ahead, row.kind == "now")


def _position(is_beginning: bool, is_ending: bool) -> Position:
    if is_beginning:
        return "both" if is_ending else "start"
    return "end" if is_ending else "run"


def _thick(track: int, stretch: Stretch, position: Position, is_ahead: bool, is_now: bool) -> Iterator[Strand]:
    lane = min(stretch.lane, DEEPEST)
    if is_now:
        yield Strand(track, lane, "thick", "run", is_ahead=False, half="gone")
        yield Strand(track, lane, "thick", position, is_ahead=True, half="comes")
    else:
        yield Strand(track, lane, "thick", position, is_ahead)


def _drawing(row: PhoneRow) -> str:
    if row.event:
        return "" if row.event.is_cancelled else _canvas(_event(row.event, row.kind))
    if row.line and row.stretch and row.stop:
        x = AXES[row.line.number] + min(row.stretch.lane, DEEPEST) * LANE
        return _canvas(mark(row.line.number, x, MARK_Y, row.stop.state, 7.5 if row.stop.state == "locked" else 9))
    return ""


def _event(event: Event, kind: Kind) -> str:
    held = " held" if event.is_held else ""
    if kind == "workshop":
        return tag("rect", class_=f"pill{held}", x=1.5, y=MARK_Y - 12.5, width=98, height=25, rx=12.5)
    x = AXES[2] + LANE / 2
    ring = tag("circle", class_=f"meet{held}", cx=x, cy=MARK_Y, r=15)
    return ring + tag("text", str(event.number), class_=f"meetno{held}", x=x, y=MARK_Y + 5.5)


def _canvas(content: str) -> str:
    size = {"width": 112, "height": 52, "viewBox": "0 0 112 52"}
    return tag("svg", content, class_="at", aria_hidden="true", focusable="false", **size)
