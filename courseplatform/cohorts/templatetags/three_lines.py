"""The three lines for templates. Each takes a `cohorts.lines.Lines`; load css/lines.css where they stand."""

from django import template
from django.utils.safestring import SafeString

from courseplatform.cohorts import lines_phone, lines_small, lines_svg, lines_wide
from courseplatform.cohorts.lines import Lines, Stop
from courseplatform.cohorts.lines_phone import PhoneRow

register = template.Library()


@register.simple_tag
def lines_wide_drawing(lines: Lines) -> SafeString:
    """Left to right, for 700 px and wider."""
    return lines_wide.wide(lines)


@register.simple_tag
def lines_small_drawing(lines: Lines, width: int = 358, pitch: int = 17, height: int = 8) -> SafeString:
    """Without names and hidden from screen readers: put it inside a link with a name of its own."""
    return lines_small.small(lines, width, pitch, height)


@register.simple_tag
def lines_rows(lines: Lines) -> tuple[PhoneRow, ...]:
    """The rows of `components/lines_list.html`."""
    return lines_phone.rows(lines)


@register.filter
def state_in_words(stop: Stop) -> str:
    """“read”, “open”, “opens 23 Nov”."""
    return lines_wide.state_in_words(stop)


@register.simple_tag
def track_mark(track: int, state: str = "open") -> SafeString:
    """Circle, diamond or square, 22 px."""
    drawing = lines_svg.mark(track, 11, 11, state, 8)
    return lines_svg.drawn(
        [lines_svg.tag("svg", drawing, class_="lines", width=22, height=22, viewBox="0 0 22 22", aria_hidden="true")]
    )
