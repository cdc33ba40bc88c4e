"""The three lines in small: no names, for a link that has one. Lanes melt together."""

from collections.abc import Callable
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from courseplatform.cohorts.three_lines.lines import Line, Lines
from courseplatform.cohorts.three_lines.marks import drawn, month_name, months, tag, tube

LEFT, RIGHT, TOP = 5, 7, 30


def small(lines: Lines, width: int = 358, pitch: int = 17, height: int = 8) -> SafeString:
    """An aria-hidden SVG of `width` px; `pitch` px between the lines, `height` px a stretch."""
    scale = (width - LEFT - RIGHT) / lines.weeks

    def x(week: float) -> float:
        return LEFT + week * scale

    now = x(lines.now) if lines.now is not None else -1.0
    bottom = TOP + 2 * pitch
    parts = [_month(first, x(start), x(end)) for first, start, end in months(lines) if lines.now is not None]
    for line in lines.lines:
        parts.append(_line(line, lines, x, now, pitch, height))
    for meeting in lines.meetings:
        held = " held" if meeting.is_held else ""
        parts.append(tag("circle", class_=f"meet t2{held}", cx=x(meeting.week), cy=TOP + pitch, r=height * 0.72))
    for workshop in (one for one in lines.workshops if not one.is_cancelled):
        held = " held" if workshop.is_held else ""
        left, top = x(workshop.week) - height * 0.62, TOP - height * 0.95
        tall = 2 * pitch + height * 1.9
        parts.append(
            tag("rect", class_=f"pill{held}", x=left, y=top, width=height * 1.24, height=tall, rx=height * 0.62)
        )
    if 0 <= now <= width:
        parts.append(tag("path", class_="nowline", d=f"M{now:.1f} {TOP - 14}V{bottom + 16}"))
        parts.append(tag("text", _("now"), class_="nowsmall", x=min(max(now, 12.0), width - 12.0), y=bottom + 32))
    whole = bottom + (44 if lines.now is not None else 18)
    return drawn(
        [
            tag(
                "svg",
                "".join(parts),
                class_="lines small",
                viewBox=f"0 0 {width} {whole}",
                width=width,
                height=whole,
                aria_hidden="true",
                focusable="false",
            )
        ]
    )


def _month(first: date, start: float, end: float) -> str:
    if end - start <= 30:
        return ""
    return tag("text", month_name(first)[:3], class_="month", x=start, y=13)


def _line(line: Line, lines: Lines, x: Callable[[float], float], now: float, pitch: int, height: int) -> str:
    y = TOP + (line.number - 1) * pitch
    kind = f"t{line.number}"
    base = tag("path", class_=f"base {kind}", d=f"M{x(0):.1f} {y}H{x(lines.weeks):.1f}")
    return base + "".join(tube(kind, x(start), x(end), y, now, height) for start, end in runs(line))


def runs(line: Line) -> list[tuple[float, float]]:
    """Where at least one module of the line runs, in weeks."""
    found: list[tuple[float, float]] = []
    for stretch in sorted(line.stretches, key=lambda one: one.open):
        if found and stretch.open <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stretch.end))
        else:
            found.append((stretch.open, stretch.end))
    return found
