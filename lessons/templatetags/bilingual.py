"""Words that stand in Danish and perhaps in English (`lessons.shape.Text` and `Lines`), in the page's language."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from lessons.shape import Lines, Text

register = template.Library()


@register.simple_tag(name="words")
def marked_words(value: Text) -> SafeString:
    """`{% words lesson.title %}`: where English is missing, the Danish is marked as Danish (MODEL §10)."""
    words, language = value.read(_language())
    if language == _language():
        return format_html("{}", words)
    return format_html('<span lang="{}">{}</span>', language, words)


@register.filter
def words(value: Text | Lines) -> str | tuple[str, ...]:
    """`{{ lesson.title|words }}`: the bare words or lines, for a title or an attribute."""
    return value.read(_language())[0]


@register.filter
def spoken_in(value: Text | Lines) -> str:
    """`lang="{{ lesson.aims|spoken_in }}"`: the language the words are really in."""
    return value.read(_language())[1]


def _language() -> str:
    return get_language() or "da"
