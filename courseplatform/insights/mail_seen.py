"""A mail as its reader gets it, for HR to look at: composed anew, and with every link taken out.

The links are the reader's own: some work without signing in, and none is for anybody else to follow.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from courseplatform.outbox.models import Message
from courseplatform.outbox.writing.composing import compose

NO_LINK = "[link]"
HREF = re.compile(r"""\shref\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)


@dataclass(frozen=True)
class Mail:
    """The words that everybody could read over the person's shoulder."""

    subject: str
    text: str
    html: str


def mail_of(message: Message, now: datetime) -> Mail | None:
    """This message alone, from the version it was planned from; None where that version has no words for it.

    Whatever else travelled in the same mail is left out: a follow-up among it would tell of an answer.
    """
    try:
        mail = compose(message, [], now)
    except KeyError:
        return None
    html = next((str(content) for content, kind in mail.alternatives if kind == "text/html"), "")
    return Mail(str(mail.subject), _without_links(str(mail.body)), _without_links(HREF.sub("", html)))


def _without_links(text: str) -> str:
    return re.sub(re.escape(settings.SITE_URL) + r"[^\s\"'<>)]*", NO_LINK, text)
