"""Words explained where they stand: an author's `*[KLE]: …` opens on a tap, with a keyboard, and without script.

The browser's own popover does it. Print, and a browser that has none, show the explanation after the word.
"""

import re
from html import unescape
from zlib import crc32

from django.utils.html import format_html
from django.utils.safestring import SafeString

DEFINITION = re.compile(r"^\*\[[^\]\n]+\]:.*(?:\n|$)", re.MULTILINE)
MARKED = re.compile(r'<abbr title="(?P<words>[^"]*)">(?P<term>[^<]*)</abbr>')


def definitions_in(text: str) -> tuple[str, str]:
    """The Markdown without its definitions, and the definitions: a text that is cut in two needs them twice."""
    found = "\n".join(match.group().strip() for match in DEFINITION.finditer(text))
    return DEFINITION.sub("", text), found


def explained(html: str) -> str:
    """Clean HTML with every marked term a button; its words stand once, where the term stands first."""
    salt, told = crc32(html.encode()), dict[str, str]()

    def opened(match: re.Match[str]) -> SafeString:
        term, words = unescape(match["term"]), unescape(match["words"])
        is_first = words not in told
        name = told.setdefault(words, f"term-{salt:x}-{len(told)}")
        button = format_html('<button type="button" class="term" popovertarget="{}">{}</button>', name, term)
        if not is_first:
            return button
        return button + format_html('<span class="term-words" popover id="{}" role="note">{}</span>', name, words)

    return MARKED.sub(opened, html)
