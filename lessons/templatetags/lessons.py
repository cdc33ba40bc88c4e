from django import template
from django.utils.safestring import SafeString

from lessons import markdown
from lessons.reading import Reading, reading_of, split_at
from lessons.shape import Lesson, Programme

register = template.Library()


@register.simple_tag
def reading(lesson: Lesson, programme: Programme, language: str) -> Reading:
    """The lesson with its texts rendered: `{% reading lesson programme language as text %}`."""
    return reading_of(lesson, programme, language)


@register.simple_tag
def parts_at(body: SafeString, paragraph: int | None) -> tuple[SafeString, SafeString]:
    """The text before the place somebody left, and from there on: `{% parts_at text.body 3 as parts %}`."""
    return split_at(body, paragraph)


@register.filter
def rendered(text: str, language: str) -> SafeString:
    """Markdown as clean HTML: `{{ text|rendered:"da" }}`."""
    return markdown.render(text, language)
