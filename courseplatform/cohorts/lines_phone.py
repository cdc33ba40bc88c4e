"""The three lines from top to bottom: one row a stop, by date; also the list for screen readers, print and zoom."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from django.utils.safestring import SafeString
from django.utils.translation import get_language

from courseplatform.cohorts.lines import Event, Line, Lines, Stop, Stretch
from courseplatform.cohorts.lines_svg import drawn, mark, tag

AXES = {1: 14, 2: 46, 3: 78}
LANE = 13
MARK_Y = 26
Kind = Literal["month", "now", "lesson", "meeting", "workshop"]
Position = Literal["start", "run", "end", "both"]


@dataclass(frozen=True)
class Strand:
    """What one line does in one row. `shape` is “thin” (the line) or “thick” (a module on it)."""

    track: int
    lane: int
    shape: Literal["thin", "thick"]
    position: Position
    is_ahead: bool

    @property
    def classes(self) -> str:
        ahead = " ahead" if self.is_ahead else ""
        return f"strand {self.shape} {self.position} c{self.track} l{min(self.lane, 1)}{ahead}"

    @property
    def leaves_its_line(self) -> bool:
        return self.lane > 0 and self.position in ("start", "both")


@dataclass(frozen=True)
class PhoneRow:
    """One row: a month, “nu”, a lesson, a meeting or a workshop."""

    kind: Kind
    week: float
    rank: float
    on: date
    line: Line | None = None
    stretch: Stretch | None = None
    stop: Stop | None = None
    event: Event | None = None
    begins_stretch: bool = False
    strands: tuple[Strand, ...] = ()

    @property
    def title(self) -> str:
        text = self.stop.title if self.stop else self.event.title if self.event else None
        return text.read(get_language() or "da")[0] if text else ""

    @property
    def title_language(self) -> str:
        """Set where the words are in another language than the page."""
        text = self.stop.title if self.stop else self.event.title if self.event else None
        language = text.read(get_language() or "da")[1] if text else ""
        return "" if language == get_language() else language

    @property
    def module(self) -> str:
        return self.stretch.title.read(get_language() or "da")[0] if self.stretch else ""

    @property
    def track(self) -> str:
        return self.line.title.read(get_language() or "da")[0] if self.line else ""

    @property
    def drawing(self) -> SafeString:
        """The mark at the row's place on its line."""
        return drawn([_drawing(self)])


def rows(lines: Lines) -> tuple[PhoneRow, ...]:
    """Every stop in order of date, with what each strand does there."""
    ordered = sorted(_happenings(lines), key=lambda row: (row.week, row.rank))
    with_months = list(_months(ordered))
    return tuple(
        replace(row, strands=tuple(_strands(number, row, with_months, lines))) for number, row in enumerate(with_months)
    )


def _happenings(lines: Lines) -> Iterator[PhoneRow]:
    for line in lines.lines:
        for stretch in line.stretches:
            for number, stop in enumerate(stretch.stops):
                rank = 1 + line.number / 10
                first = number == 0
                yield PhoneRow("lesson", stretch.open, rank, stretch.opens_on, line, stretch, stop, None, first)
    for meeting in lines.meetings:
        yield PhoneRow("meeting", meeting.week, 2, meeting.in_week_of, event=meeting)
    for workshop in lines.workshops:
        yield PhoneRow("workshop", workshop.week, 2, workshop.in_week_of, event=workshop)
    if lines.now is not None and lines.today:
        yield PhoneRow("now", lines.now, 0, lines.today)


def _months(ordered: list[PhoneRow]) -> Iterator[PhoneRow]:
    month = None
    for row in ordered:
        if row.kind != "now" and (row.on.year, row.on.month) != month:
            month = (row.on.year, row.on.month)
            yield PhoneRow("month", row.week - 0.001, 0, row.on)
        yield row


def _strands(number: int, row: PhoneRow, all_rows: list[PhoneRow], lines: Lines) -> Iterator[Strand]:
    is_ahead = lines.now is not None and row.week >= lines.now
    last = len(all_rows) - 1
    following = all_rows[number + 1].week if number < last else lines.weeks + 1.0
    for line in lines.lines:
        position: Position = "start" if number == 0 else "end" if number == last else "run"
        yield Strand(line.number, 0, "thin", position, is_ahead)
        for stretch in line.stretches:
            if found := _position(number, row, all_rows, stretch, following):
                yield Strand(line.number, stretch.lane, "thick", found, is_ahead)


def _position(
    number: int, row: PhoneRow, all_rows: list[PhoneRow], stretch: Stretch, following: float
) -> Position | None:
    begins = row.stretch is stretch and row.begins_stretch
    has_begun = any(other.stretch is stretch for other in all_rows[:number])
    if not (begins or has_begun) or stretch.end <= row.week:
        return None
    if stretch.end <= following:
        return "both" if begins else "end"
    return "start" if begins else "run"


def _drawing(row: PhoneRow) -> str:
    if row.kind == "lesson" and row.line and row.stretch and row.stop:
        x = AXES[row.line.number] + min(row.stretch.lane, 1) * LANE
        return _canvas(mark(row.line.number, x, MARK_Y, row.stop.state, 7 if row.stop.state == "locked" else 9))
    if row.kind == "meeting" and row.event and not row.event.is_cancelled:
        held = " held" if row.event.is_held else ""
        ring = tag("circle", class_=f"meet{held}", cx=AXES[2] + LANE / 2, cy=MARK_Y, r=12)
        number = tag("text", str(row.event.number), class_=f"meetno{held}", x=AXES[2] + LANE / 2, y=MARK_Y + 5.5)
        return _canvas(ring + number)
    if row.kind == "workshop" and row.event and not row.event.is_cancelled:
        held = " held" if row.event.is_held else ""
        return _canvas(tag("rect", class_=f"pill{held}", x=3, y=MARK_Y - 10, width=100, height=20, rx=10))
    return ""


def _canvas(content: str) -> str:
    return tag(
        "svg", content, class_="at", width=112, height=52, viewBox="0 0 112 52", aria_hidden="true", focusable="false"
    )
