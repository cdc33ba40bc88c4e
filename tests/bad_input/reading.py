"""A page as its reader reads it."""

from html import unescape

from django.utils.html import strip_tags


def words_of(response):
    """All its text, without tags, one space between words."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())
