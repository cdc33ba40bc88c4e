"""The words around a calendar entry: invited, moved, cancelled."""

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import CANCELLATION
from courseplatform.outbox.writing.letters import Part, absolute
from courseplatform.outbox.writing.topics import day_of, event_title, facts_of


def subject(message: Message) -> str:
    """Which event, and what became of it."""
    what = {"title": event_title(message), "day": day_of(message)}
    if message.template == CANCELLATION:
        return _("Cancelled: %(title)s, %(day)s") % what
    return (_("Moved: %(title)s, now %(day)s") if _is_move(message) else _("Invitation: %(title)s, %(day)s")) % what


def part(message: Message) -> Part:
    """When, where, and what to do with it."""
    return Part(
        headline=_headline(message) % {"title": event_title(message)},
        language=get_language() or "da",
        facts=facts_of(message),
        lines=(_line(message),),
        button=_("See the workshop"),
        url=absolute(reverse("message", args=[message.pk])),
    )


def _headline(message: Message) -> str:
    if message.template == CANCELLATION:
        return _("“%(title)s” is cancelled")
    return _("“%(title)s” has been moved") if _is_move(message) else "%(title)s"


def _line(message: Message) -> str:
    if message.template == CANCELLATION:
        return _("It disappears from your calendar. You need do nothing.")
    if _is_move(message):
        return _("Here is the new time and place. Answer in your calendar whether you can come.")
    return _("Answer in your calendar whether you can come. All about the day is behind the button.")


def _is_move(message: Message) -> bool:
    return message.workshop is not None and message.workshop.ics_sequence > 0
