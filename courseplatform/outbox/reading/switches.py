"""What kinds of mail a person gets, as switches: what each is, and what still comes when it is off (MODEL §5)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.unsubscribing import WHAT_STOPS
from courseplatform.people.models import User

Kind = Message.Kind
NO_MORE = _("No more of these mails.")
WHAT_IT_IS = {
    Kind.PROMPT: _("A short question now and then, to answer in your log."),
    Kind.REMINDER: _("A few days before, with what to get ready."),
    Kind.SURVEY: _("Before, midway and at the end."),
    Kind.CONVERSATION: _("Before, midway and at the end, to each of you."),
}
WHAT_STAYS = {
    Kind.PROMPT: _("No more mails. You still find the questions in the lessons."),
    Kind.REMINDER: _("No more mails. The dates still stand under Programme and in your calendar."),
    Kind.CONVERSATION: _("No more mails to you. The other of you two still hears of it."),
}
SELDOM = {Kind.WELCOME, Kind.BACK_OFF, Kind.REPLY}  # shown once somebody has stopped them from a mail


@dataclass(frozen=True)
class Switch:
    """One kind of mail. `words` say what it is while it comes, and what still comes when it does not."""

    kind: Kind
    title: Promise
    words: Promise | str
    is_on: bool


def switches_of(person: User) -> list[Switch]:
    """All that can be stopped. One query, where nobody has asked for the person's wishes yet."""
    wishes = getattr(person, "notification_preference", None)
    stopped = set(wishes.muted_classes if wishes else [])
    return [_switch(kind, kind not in stopped) for kind in WHAT_STOPS if kind in stopped or kind not in SELDOM]


def _switch(kind: Kind, is_on: bool) -> Switch:
    words = WHAT_IT_IS.get(kind, "") if is_on else WHAT_STAYS.get(kind, NO_MORE)
    return Switch(kind, WHAT_STOPS[kind], words, is_on)
