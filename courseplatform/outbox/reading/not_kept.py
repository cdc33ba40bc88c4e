"""Answers by e-mail that could not be kept, told to their author on the page: that they came, and never what they said.

Only of a file in them is a word mailed back (`inbox.files_refused`).
"""

from datetime import datetime, timedelta

from courseplatform.outbox.models import IncomingMail, Message
from courseplatform.people.models import User

TOLD_OF = ("empty", "too_long", "too_big")  # what somebody else may have sent is not among them
TOLD_FOR = timedelta(days=14)


def not_kept(person: User, now: datetime, message: Message | None = None) -> IncomingMail | None:
    """The latest one to a question that still waits for an answer; only to `message` where it is given. One query."""
    waiting = Message.objects.of(person).unanswered()
    if message is not None:
        waiting = waiting.filter(pk=message.pk)
    came = IncomingMail.objects.filter(kind=IncomingMail.Kind.ANSWER, outcome__in=TOLD_OF, message__in=waiting)
    return came.filter(received_at__gt=now - TOLD_FOR).select_related("message").order_by("-received_at").first()
