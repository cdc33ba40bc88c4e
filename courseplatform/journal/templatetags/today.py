"""Reading bilingual values on I dag."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from courseplatform.outbox.models import Message
from lessons.shape import Text

register = template.Library()


@register.simple_tag
def text(value: Text) -> SafeString:
    """The words in the page's language; Danish is marked as such where English is missing (MODEL §10)."""
    words, language = value.read(get_language() or "da")
    return (
        format_html("{}", words)
        if language == get_language()
        else format_html('<span lang="{}">{}</span>', language, words)
    )


@register.simple_tag
def words_of(questions: dict[str, tuple[str, str]], message: Message) -> tuple[str, str]:
    """A message's question and the language it is in."""
    return questions[message.base_template]
