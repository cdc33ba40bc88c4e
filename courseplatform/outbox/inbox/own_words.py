"""What somebody wrote themselves in an answer by e-mail: never less, at worst a greeting more (docs/decisions)."""

import html
import re

import nh3
from mailparser_reply import EmailReplyParser

from courseplatform.outbox.inbox.arrived import Arrived, text_of

LONGEST = 10_000  # letters, as of a reflection's field (MODEL §10)
MARKUP, READ = 10 * LONGEST, 2 * LONGEST  # letters looked at, tags and quoted mail and all
QUOTES = EmailReplyParser(languages=["da", "en"])
SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
PROGRAM = r"(?:sendt fra (?:min|mit|outlook|mail)|sent from (?:my|outlook|mail)|hent outlook|get outlook)"
DEVICE = re.compile(rf"^{PROGRAM}\b[^\n]{{0,100}}\Z", re.MULTILINE | re.IGNORECASE)
RULE = re.compile(r"^[_-]{10,}\Z", re.MULTILINE)  # what Outlook draws above the quoted mail
LONG_LINE, SET_ASIDE = re.compile(r"^.{400,}$", re.MULTILINE), re.compile(r"\0(\d+)\0")
FIELD = re.compile(r"^[* ]*\w+:", re.MULTILINE)
BLANK = re.compile(r"\n\s*\n")
LINE_ENDS = re.compile(r"<br\b[^>]{0,200}>|</(?:p|div|li|h[1-6]|tr)>", re.IGNORECASE)
NO_TEXT = {"script", "style", "title", "blockquote"}  # a quoted mail is a blockquote


def own_words(arrived: Arrived) -> str:
    """Plain text without the quoted mail and the signature; attached files are not looked at. Empty where none is.

    May be longer than LONGEST, and is then to be refused.
    """
    text = BLANK.sub("\n\n", _text(arrived).replace("\0", "")[:READ])
    above, below = _around_the_quote(text)
    words = SIGNATURE.sub("", above).strip()
    for tail in (RULE, DEVICE):
        words = tail.sub("", words).strip()
    return f"{words}\n\n{_between_quoted_lines(below)}".strip()


def _around_the_quote(text: str) -> tuple[str, str]:
    """What stands above the line that says who wrote the quoted mail, and what stands below it."""
    long_lines: list[str] = []
    replies = QUOTES.read(LONG_LINE.sub(lambda line: _set_aside(line[0], long_lines), text)).replies
    first = next((number for number, reply in enumerate(replies) if _is_heading(reply.headers)), len(replies))
    above, below = "\n\n".join(reply.content for reply in replies[:first]), replies[first:]
    texts = (above, "\n".join(reply.full_body for reply in below))
    above, quoted = (SET_ASIDE.sub(lambda found: long_lines[int(found[1])], one) for one in texts)
    return above, quoted


def _set_aside(line: str, long_lines: list[str]) -> str:
    """No heading is that long, and looking for one in it takes the library's patterns minutes."""
    long_lines.append(line)
    return f"\0{len(long_lines) - 1}\0"


def _is_heading(text: str) -> bool:
    """Whether that is surely what a program wrote above the quoted mail, and no “To: me. From: me tomorrow.”"""
    return "@" in text or text.rstrip().endswith(":") or len(FIELD.findall(text)) > 2


def _between_quoted_lines(quoted: str) -> str:
    """Some answer below each question. Where the quoted lines carry no mark, nobody can tell them apart."""
    lines = quoted.splitlines()
    own = [line for line in lines if not line.startswith(">")]
    return BLANK.sub("\n\n", "\n".join(own)).strip() if len(own) < len(lines) else ""


def _text(arrived: Arrived) -> str:
    """The plain part, or what can be read of the HTML where there is none."""
    for part in arrived.parts("text/plain"):
        return text_of(part).replace("\r\n", "\n")
    for part in arrived.parts("text/html"):
        return _readable(text_of(part)[:MARKUP])
    return ""


def _readable(markup: str) -> str:
    lines = LINE_ENDS.sub("\n", markup.replace("\r", "").replace("\n", " "))
    return html.unescape(nh3.clean(lines, tags=set(), attributes={}, clean_content_tags=NO_TEXT))
