"""The words around a calendar entry: invited, moved, cancelled."""

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from courseplatform.outbox.models import Message
from courseplatform.outbox.writing.event_templates import (
    CANCELLATION,
    COHORT_LEFT,
    GROUP_LEFT,
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
    COHORT_LEFT: gettext_lazy("Out of your calendar: %(title)s, %(day)s"),
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
    COHORT_LEFT: gettext_lazy("You are not on that cohort any more"),
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
    COHORT_LEFT: gettext_lazy("So the workshop disappears from your calendar. You need do nothing."),
}

# The same of a learning group's meeting, which has no title of its own.
OF_A_MEETING = {
    INVITATION: gettext_lazy("Your learning group meets %(day)s"),
    MOVED: gettext_lazy("Moved: your learning group now meets %(day)s"),
    CANCELLATION: gettext_lazy("Cancelled: your learning group's meeting %(day)s"),
    GROUP_LEFT: gettext_lazy("Out of your calendar: the learning group's meeting %(day)s"),
}
OF_A_MEETING[COHORT_LEFT] = OF_A_MEETING[GROUP_LEFT]
MEETING_HEADLINES = {
    INVITATION: gettext_lazy("Your learning group has chosen its day"),
    MOVED: gettext_lazy("Your learning group's meeting has been moved"),
    CANCELLATION: gettext_lazy("Your learning group's meeting is cancelled"),
    GROUP_LEFT: gettext_lazy("You are not in that learning group any more"),
    COHORT_LEFT: HEADLINES[COHORT_LEFT],
}
MEETING_LINES = {
    INVITATION: gettext_lazy("Answer in your calendar whether you can come."),
    MOVED: LINES[MOVED],
    CANCELLATION: GOES,
    GROUP_LEFT: gettext_lazy("So the meeting disappears from your calendar. You need do nothing."),
}
MEETING_LINES[COHORT_LEFT] = MEETING_LINES[GROUP_LEFT]
OUTSIDE = (COHORT_LEFT, SEAT_LOST)  # its page is not theirs to see any more


def subject(message: Message) -> str:
    """Which event, and what became of it."""
    subjects = OF_A_MEETING if message.meeting else SUBJECTS
    return str(subjects[_word(message)]) % {"title": event_title(message), "day": day_of(message)}


def part(message: Message) -> Part:
    """When, where, and what to do with it."""
    headlines, lines = (MEETING_HEADLINES, MEETING_LINES) if message.meeting else (HEADLINES, LINES)
    return Part(
        headline=str(headlines[_word(message)]) % {"title": event_title(message)},
        language=get_language() or "da",
        facts=facts_of(message),
        lines=(str(lines[_word(message)]),),
        button=_button(message),
        url=absolute(reverse("message", args=[message.pk])),
    )


def _button(message: Message) -> str:
    if message.template in OUTSIDE:
        return _("Go to Today")
    return _("See your learning group") if message.meeting else _("See the workshop")


def _word(message: Message) -> str:
    """What became of it; whatever else says nothing special is an invitation."""
    known = OF_A_MEETING if message.meeting else SUBJECTS
    return message.template if message.template in known else INVITATION
