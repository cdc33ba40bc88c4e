"""The marks that every drawing of the three lines is made of: escaped SVG, presentation attributes only."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import formats
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from courseplatform.cohorts.three_lines.lines import Lines


def tag(name: str, content: str = "", /, **attributes: object) -> str:
    """An element; `class_` is `class`, `_` becomes `-`, None leaves the attribute out. `content` is markup already."""
    written = "".join(f' {_named(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _named(key: str) -> str:
    return key.rstrip("_").replace("_", "-") if key not in {"viewBox"} else key


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else escape(value)


def link(address: str, label: str, content: str, **attributes: object) -> str:
    """A link with a name of its own, or just its content where there is nowhere to go."""
    return tag("a", content, href=address, aria_label=label, **attributes) if address else content


def mark(track: int, x: float, y: float, state: str, r: float = 9) -> str:
    """Circle, diamond, square for track 1, 2, 3; state done, open or locked."""
    kind = f"m t{track} {state}"
    if track == 1:
        return tag("circle", class_=kind, cx=x, cy=y, r=float(r))
    if track == 2:
        q = r * 1.22
        return tag("path", class_=kind, d=f"M{x:.1f} {y - q:.1f}l{q:.1f} {q:.1f}l{-q:.1f} {q:.1f}l{-q:.1f} {-q:.1f}z")
    q = r * 0.92
    return tag("rect", class_=kind, x=x - q, y=y - q, width=2 * q, height=2 * q, rx=1.5)


def tube(kind: str, x0: float, x1: float, y: float, now: float, height: float = 10) -> str:
    """A stretch: solid up to “nu”, hollow after it, like a planned line on a metro map."""
    cut, r = min(max(now, x0), x1), height / 2
    ahead = tag(
        "rect", class_=f"tube {kind}", x=x0 + 1, y=y - r + 1, width=x1 - x0 - 2, height=height - 2, rx=(height - 2) / 2
    )
    if cut <= x0:
        return ahead
    tail = f"V{y + r}H{x0 + r:.1f}a{r} {r} 0 0 1 0 {-height}z"
    if cut < x1:
        return ahead + tag("path", class_=f"run {kind}", d=f"M{x0 + r:.1f} {y - r}H{cut:.1f}{tail}")
    end = f"H{x1 - r:.1f}a{r} {r} 0 0 1 0 {height}H{x0 + r:.1f}a{r} {r} 0 0 1 0 {-height}z"
    return tag("path", class_=f"run {kind}", d=f"M{x0 + r:.1f} {y - r}{end}")


def months(lines: Lines) -> Iterator[tuple[date, float, float]]:
    """Each month of the programme: its first day, and where it begins and ends in weeks."""
    first = lines.starts_on.replace(day=1)
    while (start := _week(first, lines)) < lines.weeks:
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield first, max(0.0, start), min(float(lines.weeks), _week(following, lines))
        first = following


def _week(day: date, lines: Lines) -> float:
    return (day - lines.starts_on).days / 7


def month_name(first: date) -> str:
    """“oktober”, with the year in January."""
    return formats.date_format(first, "F Y" if first.month == 1 else "F")


def drawn(parts: list[str]) -> SafeString:
    """The finished drawing: everything in it went through `tag`, which escapes."""
    return mark_safe("".join(parts))  # noqa: S308
