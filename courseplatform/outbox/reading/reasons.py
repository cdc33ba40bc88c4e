"""Why a message does not go, in sentences for people. Rows carry the words, pages and previews show the sentences."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # Rules
    "late_join": _("It belonged to the time before this person joined."),
    "welcome": _("It travels in the welcome mail, because its time had passed when this person joined."),
    "paused": _("This person is taking a pause."),
    "quiet": _("Several questions stayed open, so we are quiet for two weeks."),
    "cap": _("There was no room: at most two mails a week, two days apart."),
    "stale": _("It would have come too late to make sense."),
    "too_late": _("The event was too near to get ready for."),
    "expired": _("Its time was over before it could be sent."),
    "answered": _("It is already done, or this person has said “Not now”."),
    "muted": _("This person has chosen not to get this kind of message."),
    # What it is about
    "no_date": _("The learning group has not picked a day yet."),
    "event_cancelled": _("The workshop or meeting is cancelled."),
    "replaced": _("The plan has changed, so this message is not needed any more."),
    "cancelled": _("It was called off before it left."),
    "cohort_cancelled": _("The cohort is cancelled or closed."),
    # To whom
    "not_accepted": _("This person has not said yes to the invitation."),
    "not_enrolled": _("This person is not taking part at that time."),
    "not_in_the_group": _("This person is not in that learning group any more."),
    "waiting": _("This person is on the waiting list and has no seat yet."),
    "left": _("This person does not work here any more."),
    "no_line_manager": _("This person has no line manager in the system."),
    "undeliverable": _("This person cannot get e-mail at the address we have."),
    # Delivery
    "restored": _("It may have gone out already, before the data came back from a backup."),
    "soft": _("The recipient's mail server said no several times."),
    "refused": _("The mail server refused the mail. Somebody must look at it."),
    "unwritable": _("The mail could not be written. Somebody must look at it."),
    "crashes": _("Sending broke off three times. Somebody must look at it."),
    "given_up": _("It could not be delivered, and we have stopped trying."),
}

# The same, said to the person themselves, where that needs other words.
TO_THEMSELVES = {
    "late_join": _("It belonged to the time before you joined."),
    "paused": _("You are taking a break."),
    "answered": _("It is already done, or you have said “Not now”."),
    "muted": _("You have chosen not to get this kind of message."),
    "not_accepted": _("You have not said yes to the invitation."),
    "not_enrolled": _("You are not taking part at that time."),
    "not_in_the_group": _("You are not in that learning group any more."),
    "waiting": _("You are on the waiting list and have no seat yet."),
    "left": _("You do not work here any more."),
    "no_line_manager": _("We do not know who your line manager is."),
    "undeliverable": _("We cannot send e-mail to the address we have for you. Ask HR to correct it."),
    "soft": _("Your mail server said no several times."),
    "refused": _("The mail server refused the mail. We are looking at it."),
    "unwritable": _("The mail could not be written. We are looking at it."),
    "crashes": _("Sending broke off three times. We are looking at it."),
}


def sentence_to_you(reason: str) -> str:
    """As `sentence`, for the reader's own messages."""
    return str(TO_THEMSELVES[reason]) if reason in TO_THEMSELVES else sentence(reason)


def sentence(reason: str) -> str:
    """The reason in the active language; a word nobody knows is shown as it is, none is empty."""
    return str(SENTENCES.get(reason, reason)) if reason else ""
