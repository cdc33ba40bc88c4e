"""The three lines from left to right, for 700 px and wider: one SVG, every stop a link, in order of date."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from courseplatform.cohorts.three_lines.lettering import text_width, wrap
from courseplatform.cohorts.three_lines.lines import Event, Line, Lines, Stop, Stretch
from courseplatform.cohorts.three_lines.marks import drawn, link, mark, month_name, months, tag, tube
from courseplatform.cohorts.three_lines.words import (
    day_of,
    event_title,
    programme_week,
    read,
    state_in_words,
    workshop_name,
)
from courseplatform.people.local_dates import week

LEFT, RIGHT = 28, 34
NARROWEST_WEEK = 24
SIZE, LEADING = 16, 20
HEAD, SECOND_HEAD = 108, 46
HEADS_APART = 100
NEAR_STATION, NEAR_MEETING, NEAR_STOP = 21, 29, 25
HIT = 22.0  # a finger's circle, 44 px

Piece = tuple[float, str]  # a week, and what is drawn there: links are put in order of date


@dataclass(frozen=True)
class Row:
    """Where one line is drawn: its name, its axis, and its lanes below it."""

    line: Line
    name_y: int
    axis: int
    drops: tuple[int, ...]

    def lane_y(self, lane: int) -> int:
        return self.axis + self.drops[lane]

    @property
    def bottom(self) -> int:
        return self.axis + self.drops[-1]


@dataclass(frozen=True)
class Frame:
    """The whole sheet: the scale, the rows, and on which row of heads each workshop's name stands."""

    lines: Lines
    scale: float
    width: float
    height: int
    top: int
    rows: tuple[Row, ...]
    heads: tuple[int, ...]
    edge: int = field(default=24)

    def x(self, at: float) -> float:
        return LEFT + at * self.scale

    @property
    def now(self) -> float:
        return self.x(self.lines.now) if self.lines.now is not None else -1.0


def wide(lines: Lines, width: int = 1214) -> SafeString:
    """At least `width` px wide; wider where a week would be under 24 px. Put it in a group that has a name."""
    frame = _frame(lines, width)
    parts = [*_months(frame), *(_column(frame, workshop) for workshop in _standing(lines))]
    parts += [part for row in frame.rows for part in _row(frame, row)]
    parts += [piece for _week, piece in sorted(_links(frame), key=lambda pair: pair[0])]
    parts += _now_flag(frame)
    box = f"0 0 {frame.width:.0f} {frame.height}"
    size = {"viewBox": box, "width": round(frame.width), "height": frame.height}
    return drawn([tag("svg", "".join(parts), class_="lines wide", role="presentation", **size)])


# --- Measures --------------------------------------------------------------------------------------------------------
def _frame(lines: Lines, width: int) -> Frame:
    scale = max(NARROWEST_WEEK, (width - LEFT - RIGHT) / lines.weeks)
    heads = _heads([LEFT + one.week * scale for one in _standing(lines)])
    top = HEAD + max(heads, default=0) * SECOND_HEAD
    rows, y = [], top
    for line in lines.lines:
        row, y = _measured(line, y, scale, lines)
        rows.append(row)
    return Frame(lines, scale, LEFT + RIGHT + scale * lines.weeks, y + 16, top, tuple(rows), tuple(heads))


def _heads(places: list[float]) -> list[int]:
    """The row of each head, so that heads closer than 100 px stand above one another."""
    last: list[float] = []
    rows = []
    for x in places:
        row = next((number for number, other in enumerate(last) if x - other > HEADS_APART), len(last))
        last[row : row + 1] = [x]
        rows.append(row)
    return rows


def _measured(line: Line, y: int, scale: float, lines: Lines) -> tuple[Row, int]:
    labels = {stretch.key: len(_label(stretch, lines, scale)[0]) for stretch in line.stretches}
    above = max((labels[one.key] for one in line.stretches if one.lane == 0), default=1)
    below = max((labels[one.key] for one in line.stretches if one.lane), default=0)
    axis = y + 18 + 14 + above * LEADING + 18
    row = Row(line, y + 18, axis, _drops(line.deepest))
    under = 26 + below * LEADING if line.deepest else 6
    return row, row.bottom + under + 34


def _drops(deepest: int) -> tuple[int, ...]:
    """How far each lane lies below its axis: two stand close, more need room for their own titles."""
    return (0, 20) if deepest == 1 else tuple(lane * 66 for lane in range(deepest + 1))


def _label(stretch: Stretch, lines: Lines, scale: float) -> tuple[list[str], float]:
    """A module's title in lines, and how far to the left of its stretch they begin: the first may borrow room."""
    room = ((stretch.room or lines.weeks) - stretch.open) * scale - 8
    title = read(stretch.title)
    broken = wrap(title, room, SIZE)
    if broken[-1].endswith("…") and stretch.is_first:
        left = min(stretch.open * scale, 120.0)
        return wrap(title, room + left, SIZE), left
    return broken, 0.0


def _standing(lines: Lines) -> list[Event]:
    return [workshop for workshop in lines.workshops if not workshop.is_cancelled]


# --- What lies below the links ---------------------------------------------------------------------------------------
def _months(frame: Frame) -> Iterator[str]:
    if frame.lines.now is None:
        yield from _weeks(frame)
        return
    for first, start, end in months(frame.lines):
        x, room = frame.x(start), frame.x(end) - frame.x(start)
        if room <= 34:
            continue
        name = month_name(first)
        if start:
            yield tag("path", class_="hair", d=f"M{x:.1f} 6V{frame.height - 44}")
        yield tag(
            "text", escape(name if text_width(name, 16) <= room - 12 else name[:3]), class_="month", x=x + 7, y=22
        )


def _weeks(frame: Frame) -> Iterator[str]:
    """A template has no months: every fourth week instead."""
    for number in range(0, frame.lines.weeks, 4):
        x = frame.x(number)
        yield tag("path", class_="hair", d=f"M{x:.1f} 6V{frame.height - 44}")
        yield tag("text", escape(programme_week(number + 1)), class_="month", x=x + 7, y=22)


def _column(frame: Frame, workshop: Event) -> str:
    bottom = frame.rows[-1].bottom + frame.edge
    x, top = frame.x(workshop.week) - 14, frame.top - 20
    return tag("rect", class_="column", x=x, y=top, width=28, height=bottom - top, rx=14)


def _row(frame: Frame, row: Row) -> Iterator[str]:
    kind = f"t{row.line.number}"
    yield tag("text", escape(read(row.line.title)), class_=f"name {kind}", x=LEFT, y=row.name_y)
    yield tag("path", class_=f"base {kind}", d=f"M{frame.x(0):.1f} {row.axis}H{frame.x(frame.lines.weeks):.1f}")
    for stretch in row.line.stretches:
        yield from _branches(frame, row, stretch)
    for stretch in row.line.stretches:
        x0, x1 = _ends(frame, stretch)
        yield tube(kind, x0, x1, row.lane_y(stretch.lane), frame.now)
    for workshop in _standing(frame.lines):
        yield from _nodes(frame, row, workshop)
    yield _now_tick(frame, row)


def _ends(frame: Frame, stretch: Stretch) -> tuple[float, float]:
    gap = 4 if stretch.room == stretch.end else 0
    return frame.x(stretch.open), frame.x(stretch.end) - gap


def _branches(frame: Frame, row: Row, stretch: Stretch) -> Iterator[str]:
    """A lower lane leaves its line and comes back by a curve 0.9 week long."""
    if not stretch.lane:
        return
    x0, x1 = _ends(frame, stretch)
    y, kind, k = row.lane_y(stretch.lane), f"base t{row.line.number}", frame.scale * 0.9
    axis = row.axis
    out = f"M{x0 - k:.1f} {axis}C{x0 - k / 3:.1f} {axis} {x0 - k * 0.6:.1f} {y} {x0 + 6:.1f} {y}"
    yield tag("path", class_=kind, d=out)
    if x1 + k <= frame.x(frame.lines.weeks) + 1:
        back = f"M{x1 - 6:.1f} {y}C{x1 + k * 0.6:.1f} {y} {x1 + k / 3:.1f} {axis} {x1 + k:.1f} {axis}"
        yield tag("path", class_=kind, d=back)


def _nodes(frame: Frame, row: Row, workshop: Event) -> Iterator[str]:
    """A node on each line; one tall node over two lanes."""
    running = {one.lane for one in row.line.stretches if one.lane and one.open <= workshop.week < one.end}
    kind = "node held" if workshop.is_held else "node"
    x = frame.x(workshop.week) - 9
    tall = row.drops[max(running, default=0)] if row.line.deepest == 1 else 0
    for lane in sorted({0, *running}) if row.line.deepest > 1 else [0]:
        yield tag("rect", class_=kind, x=x, y=row.lane_y(lane) - 9, width=18, height=18 + tall, rx=9)


def _now_tick(frame: Frame, row: Row) -> str:
    now = frame.lines.now
    if now is None or not 0 <= now <= frame.lines.weeks:
        return ""
    running = [one.lane for one in row.line.stretches if one.open <= now < one.end]
    low = row.axis + row.drops[max(running, default=0)] + 15
    end = frame.height - 34 if row is frame.rows[-1] else low
    return tag("path", class_="nowline", d=f"M{frame.now:.1f} {row.axis - 15}V{end}")


def _now_flag(frame: Frame) -> Iterator[str]:
    now = frame.lines.now
    if now is None or not 0 <= now <= frame.lines.weeks:
        return
    flag = f"{_('now')} · {frame.lines.now_label}"
    half = text_width(flag, SIZE) / 2 + 12
    x = min(max(frame.now, half), frame.width - half)
    yield tag("rect", class_="nowpill", x=x - half, y=frame.height - 34, width=2 * half, height=30, rx=15)
    yield tag("text", escape(flag), class_="nowtext", x=x, y=frame.height - 13.5)


# --- The links, each with its week -----------------------------------------------------------------------------------
def _links(frame: Frame) -> Iterator[Piece]:
    for workshop, head in zip(_standing(frame.lines), frame.heads, strict=True):
        yield workshop.week, _head(frame, workshop, head)
    for number, row in enumerate(frame.rows):
        is_middle = number == len(frame.rows) // 2
        if is_middle:
            yield from _meetings(frame, row)
        for stretch in row.line.stretches:
            yield stretch.open, _title(frame, row, stretch)
            yield from _stops(frame, row, stretch, meets=is_middle)


def _head(frame: Frame, workshop: Event, head: int) -> str:
    x, anchor = frame.x(workshop.week), "middle"
    if x < 52:
        x, anchor = x - 15, "start"
    elif x > frame.width - 52:
        x, anchor = x + 15, "end"
    name = workshop_name(workshop)
    y = 58 + SECOND_HEAD * head
    words = tag("text", escape(name), class_="ws", text_anchor=anchor, x=x, y=y)
    if workshop.starts_on:
        words += tag("text", escape(day_of(workshop, frame.lines)), class_="wd", text_anchor=anchor, x=x, y=y + 21)
    return link(workshop.address, f"{name}, {day_of(workshop, frame.lines)}: {event_title(workshop)}", words)


def _meetings(frame: Frame, row: Row) -> Iterator[Piece]:
    y = row.axis + (row.drops[1] / 2 if row.line.deepest == 1 else 0)
    for meeting in (one for one in frame.lines.meetings if not one.is_cancelled):
        x, held = frame.x(meeting.week), " held" if meeting.is_held else ""
        ring = tag("circle", class_="hit", cx=x, cy=float(y), r=HIT)
        ring += tag("circle", class_=f"meet t{row.line.number}{held}", cx=x, cy=float(y), r=17)
        ring += tag("text", str(meeting.number), class_=f"meetno{held}", x=x, y=y + 5.5)
        where = week(meeting.in_week_of) if frame.lines.now is not None else day_of(meeting, frame.lines)
        label = _("Group meeting %(number)d, %(week)s") % {"number": meeting.number, "week": where}
        yield meeting.week, link(meeting.address, label, ring)


def _title(frame: Frame, row: Row, stretch: Stretch) -> str:
    now = frame.lines.now if frame.lines.now is not None else -1.0
    state = " on" if stretch.open <= now < stretch.end else " past" if stretch.end <= now else ""
    broken, left = _label(stretch, frame.lines, frame.scale)
    y, x = row.lane_y(stretch.lane), frame.x(stretch.open) - left + 1
    above = stretch.lane == 0 or row.line.deepest > 1
    first = y - 20 - (len(broken) - 1) * LEADING if above else y + 32 + _below_a_meeting(frame, row, stretch)
    spans = "".join(tag("tspan", escape(line), x=x, y=first + n * LEADING) for n, line in enumerate(broken))
    return tag("text", spans, class_=f"mod{state}")


def _below_a_meeting(frame: Frame, row: Row, stretch: Stretch) -> int:
    """A title under the lower lane gives way to the rings, which hang down to it."""
    is_middle = row is frame.rows[len(frame.rows) // 2]
    near = any(abs(meeting.week - stretch.open) < 4 for meeting in frame.lines.meetings)
    return 14 if is_middle and near else 0


def _stops(frame: Frame, row: Row, stretch: Stretch, *, meets: bool) -> Iterator[Piece]:
    walls = [(frame.x(one.week), NEAR_STATION) for one in _standing(frame.lines)]
    if meets and row.line.deepest < 2:
        walls += [(frame.x(one.week), NEAR_MEETING) for one in frame.lines.meetings if not one.is_cancelled]
    wished = [frame.x(stop.week) for stop in stretch.stops]
    y = float(row.lane_y(stretch.lane))
    for stop, x in zip(stretch.stops, place(wished, walls, frame.x(stretch.open)), strict=True):
        yield stop.week, _stop(row.line.number, stop, x, y)


def _stop(track: int, stop: Stop, x: float, y: float) -> str:
    r = 7 if stop.state == "locked" else 9
    drawing = tag("circle", class_="hit", cx=x, cy=y, r=HIT) + mark(track, x, y, stop.state, r)
    return link(stop.address, f"{read(stop.title)} ({state_in_words(stop)})", drawing)


def place(wished: Iterable[float], walls: list[tuple[float, int]], start: float) -> list[float]:
    """Keeps each stop clear of stations, meetings and its neighbour: a little left where there is room, else right."""
    placed: list[float] = []
    for wish in wished:
        least = placed[-1] + NEAR_STOP if placed else start + 8
        placed.append(_clear(max(wish, least), least, walls))
    return placed


def _clear(x: float, least: float, walls: list[tuple[float, int]]) -> float:
    while hit := _wall_at(x, walls):
        other, distance = hit
        left = other - distance
        if left >= least and not _wall_at(left, walls):
            return left
        x = other + distance
    return x


def _wall_at(x: float, walls: list[tuple[float, int]]) -> tuple[float, int] | None:
    return next(((other, distance) for other, distance in walls if abs(x - other) < distance - 0.01), None)
