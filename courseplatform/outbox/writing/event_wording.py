"""The words around a calendar entry: invited, moved, cancelled."""

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from courseplatform.outbox.models import Message
from courseplatform.outbox.sending.objections import CANCELLATION
from courseplatform.outbox.writing.event_templates import (
    INVITATION,
    MOVED,
    SEAT,
    SEAT_BACK,
    SEAT_FREE,
    SEAT_GIVEN,
    SEAT_LOST,
)
from courseplatform.outbox.writing.letters import Part, absolute
from courseplatform.outbox.writing.topics import day_of, event_title, facts_of

SUBJECTS = {
    INVITATION: gettext_lazy("Invitation: %(title)s, %(day)s"),
    MOVED: gettext_lazy("Moved: %(title)s, now %(day)s"),
    CANCELLATION: gettext_lazy("Cancelled: %(title)s, %(day)s"),
    SEAT: gettext_lazy("You come instead of a colleague: %(title)s, %(day)s"),
    SEAT_BACK: gettext_lazy("The seat is yours again: %(title)s, %(day)s"),
    SEAT_FREE: gettext_lazy("There is a seat for you: %(title)s, %(day)s"),
    SEAT_GIVEN: gettext_lazy("A colleague comes instead of you: %(title)s, %(day)s"),
    SEAT_LOST: gettext_lazy("You need not come: %(title)s, %(day)s"),
}
HEADLINES = {
    INVITATION: "%(title)s",
    MOVED: gettext_lazy("“%(title)s” has been moved"),
    CANCELLATION: gettext_lazy("“%(title)s” is cancelled"),
    SEAT: gettext_lazy("You come instead of a colleague: “%(title)s”"),
    SEAT_BACK: gettext_lazy("The seat at “%(title)s” is yours again"),
    SEAT_FREE: gettext_lazy("There is a seat for you at “%(title)s”"),
    SEAT_GIVEN: gettext_lazy("A colleague comes instead of you to “%(title)s”"),
    SEAT_LOST: gettext_lazy("You need not come to “%(title)s”"),
}
GOES = gettext_lazy("It disappears from your calendar. You need do nothing.")
LINES = {
    INVITATION: gettext_lazy("Answer in your calendar whether you can come. All about the day is behind the button."),
    MOVED: gettext_lazy("Here is the new time and place. Answer in your calendar whether you can come."),
    CANCELLATION: GOES,
    SEAT: gettext_lazy("All about the day is behind the button. Say there if you cannot come either."),
    SEAT_BACK: gettext_lazy("Answer in your calendar whether you can come after all."),
    SEAT_FREE: gettext_lazy("You were next on the waiting list. If you cannot come after all, say so on the page."),
    SEAT_GIVEN: GOES,
    SEAT_LOST: GOES,
}


def subject(message: Message) -> str:
    """Which event, and what became of it."""
    return str(SUBJECTS[_word(message)]) % {"title": event_title(message), "day": day_of(message)}


def part(message: Message) -> Part:
    """When, where, and what to do with it."""
    return Part(
        headline=str(HEADLINES[_word(message)]) % {"title": event_title(message)},
        language=get_language() or "da",
        facts=facts_of(message),
        lines=(str(LINES[_word(message)]),),
        button=_("See the workshop"),
        url=absolute(reverse("message", args=[message.pk])),
    )


def _word(message: Message) -> str:
    """What became of it; whatever else says nothing special is an invitation."""
    return message.template if message.template in SUBJECTS else INVITATION
