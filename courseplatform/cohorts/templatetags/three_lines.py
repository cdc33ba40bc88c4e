"""The three lines for templates. Each takes `three_lines.lines.Lines`; load css/lines.css where they stand."""

from datetime import date

from django import template
from django.utils.safestring import SafeString

from courseplatform.cohorts.three_lines import marks, phone, small, wide, words
from courseplatform.cohorts.three_lines.lines import Event, Lines, Stop
from courseplatform.cohorts.three_lines.phone import PhoneRow

register = template.Library()


@register.simple_tag
def lines_wide_drawing(lines: Lines) -> SafeString:
    """Left to right, for 700 px and wider."""
    return wide.wide(lines)


@register.simple_tag
def lines_small_drawing(lines: Lines, width: int = 358, pitch: int = 17, height: int = 8) -> SafeString:
    """Without names and hidden from screen readers: put it inside a link with a name of its own."""
    return small.small(lines, width, pitch, height)


@register.simple_tag
def lines_rows(lines: Lines) -> tuple[PhoneRow, ...]:
    """The rows of `components/lines_list.html`."""
    return phone.rows(lines)


@register.filter
def state_in_words(stop: Stop) -> str:
    """“read”, “open”, “opens 23 Nov”."""
    return words.state_in_words(stop)


@register.filter
def programme_week(number: int) -> str:
    """“uge 3” of a programme without dates."""
    return words.programme_week(number)


@register.filter
def month_name(first: date) -> str:
    """“oktober”, with the year in January."""
    return marks.month_name(first)


@register.filter
def workshop_name(workshop: Event) -> str:
    """“Workshop 2”, or that it is the practice hack."""
    return words.workshop_name(workshop)


@register.filter
def event_title(event: Event) -> str:
    """Its title, in the page's language."""
    return words.event_title(event)


@register.simple_tag
def event_facts(event: Event, lines: Lines) -> str:
    """When it is, and how the reader stands to it."""
    return words.facts_of(event, lines)


@register.simple_tag
def track_mark(track: int, state: str = "open") -> SafeString:
    """Circle, diamond or square, 22 px."""
    drawing = marks.mark(track, 11, 11, state, 8)
    return marks.drawn(
        [marks.tag("svg", drawing, class_="lines", width=22, height=22, viewBox="0 0 22 22", aria_hidden="true")]
    )
