"""The words of each kind of message. Called with the reader's language active; reads the version, never an answer."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from django.conf import settings
from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from courseplatform.outbox.inbox.files_refused import TOO_BIG, question_of
from courseplatform.outbox.inbox.tokens import reply_address
from courseplatform.outbox.models import BackOff, Message
from courseplatform.outbox.planning.planned import GROUP_NUDGE, MOST_QUESTIONS
from courseplatform.outbox.sending.objections import preference_of
from courseplatform.outbox.writing import event_wording
from courseplatform.outbox.writing.letters import Letter, Part, absolute
from courseplatform.outbox.writing.topics import (
    conversation_of,
    day_of,
    event_title,
    facts_of,
    is_anonymous,
    programme_of,
    prompt_of,
    read,
    survey_title,
    topic_of,
)
from courseplatform.people.models import NotificationPreference

Kind = Message.Kind


def letter(messages: list[Message]) -> Letter:
    """One mail for all of these: same person, same day. Raises KeyError when the version lacks one's template."""
    lead = messages[0]
    questions = _questions(messages)
    municipality = lead.enrolment.cohort.municipality
    answered = answered_by_mail(questions)
    return Letter(
        subject=_subject(lead, questions),
        intro=_intro(lead, questions),
        parts=_three_ways() if lead.kind == Kind.BACK_OFF else tuple(_part(one, answered) for one in questions),
        language=get_language() or "da",
        sender=_("The programme “%(title)s”, %(municipality)s")
        % {"title": read(programme_of(lead).title), "municipality": municipality},
        preferences=absolute(reverse("me")),
        reply_to=_reply_to(lead, answered),
    )


def _reply_to(lead: Message, answered: Message | None) -> str:
    """Empty where HR may read what is replied: never to what HR is not told of."""
    if answered:
        return reply_address(answered)
    return lead.enrolment.cohort.mailbox if lead.kind in Message.BETWEEN_US else ""


def answered_by_mail(questions: list[Message]) -> Message | None:
    """The question that a reply to the mail answers: the first, where there is a mailbox for answers.

    A reply to a mail that asks for somebody's thoughts never goes to HR instead.
    """
    if questions[0].kind == Kind.REPLY:
        return question_of(questions[0])
    asked = (one for one in questions if one.kind == Kind.PROMPT and not one.is_for_sponsor)
    return next(asked, None) if settings.ANSWERS_BY_MAIL else None


def _part(message: Message, answered: Message | None) -> Part:
    part = PARTS[Kind(message.kind)](message)
    if message is not answered:
        return part
    return replace(
        part, quiet=f"{part.quiet} {_('You can also reply to this mail. The answer stays private in your log.')}"
    )


def subject_of(message: Message) -> str:
    """What a mail about this one message would be called. Raises KeyError when the version lacks its template."""
    return SUBJECTS[Kind(message.kind)](message)


def _questions(messages: list[Message]) -> list[Message]:
    """What the mail asks. A welcome brings along what its person came too late for."""
    lead = messages[0]
    if lead.kind != Kind.WELCOME:
        return messages
    caught_up = Message.objects.filter(merged_into=lead).select_related(
        "enrolment__person", "workshop", "meeting__group"
    )
    return list(caught_up.order_by("-due_at", "pk")[:MOST_QUESTIONS]) or [lead]


# --- Subject and first line ------------------------------------------------------------------------------------------
def _subject(lead: Message, questions: list[Message]) -> str:
    if lead.kind != Kind.WELCOME and len(questions) > 1 and {message.kind for message in questions} == {Kind.PROMPT}:
        count = len(questions)
        return ngettext("%(count)d question for you", "%(count)d questions for you", count) % {"count": count}
    subject = subject_of(lead)
    is_alone = len(questions) == 1 or lead.kind == Kind.WELCOME
    return subject if is_alone else _("%(subject)s (and a little more)") % {"subject": subject}


def _prompt_subject(message: Message) -> str:
    topic = {"topic": topic_of(message)}
    return (
        _("The question is still here: %(topic)s") if message.is_follow_up else _("A question for you: %(topic)s")
    ) % topic


def _reminder_subject(message: Message) -> str:
    if message.template == GROUP_NUDGE:
        return _("Your learning group has no day yet")
    what = {"day": capfirst(day_of(message)), "title": event_title(message)}
    return _("%(day)s: %(title)s") % what if what["day"] else str(what["title"])


def _conversation_subject(message: Message) -> str:
    return _("Time for a conversation about the programme")


def _welcome_subject(message: Message) -> str:
    return _("Welcome to %(cohort)s") % {"cohort": message.enrolment.cohort.name}


def _reply_subject(message: Message) -> str:
    return _("About the file in your reply")


def _back_off_subject(message: Message) -> str:
    return _("Keep the questions, get fewer, or stop?")


def _intro(lead: Message, questions: list[Message]) -> str:
    if lead.kind == Kind.BACK_OFF:
        return _(
            "Three questions in a row have stayed open. That is fine, and nobody is told. We are quiet for two weeks; "
            "after that you get one mail a week, unless you choose otherwise here."
        )
    if lead.kind == Kind.WELCOME and questions != [lead]:
        return _("Welcome. The others have begun; these are the questions worth going back to.")
    if len(questions) > 1 and preference_of(lead).digest == NotificationPreference.Digest.WEEKLY:
        return _("This is your week: %(count)d things in one mail.") % {"count": len(questions)}
    if len(questions) > 1:
        return _("There are %(count)d things today. We have put them in one mail.") % {"count": len(questions)}
    return ""


# --- One part each ---------------------------------------------------------------------------------------------------
def _prompt(message: Message) -> Part:
    words, language = prompt_of(message).text.read(get_language() or "da")
    return Part(
        headline=words,
        language=language,
        lines=(_why_again() if message.is_follow_up else _why(message),),
        button=_("Write your answer"),
        quiet=_("It takes five minutes at most. Only you can read the answer."),
        url=_address(message),
        not_now=_not_now(message),
    )


def _why(message: Message) -> str:
    return _("It belongs to “%(topic)s”. A few lines are enough.") % {"topic": topic_of(message)}


def _why_again() -> str:
    return _("We asked some days ago as well. One line is enough, and “Not now” is a good answer too.")


def _reminder(message: Message) -> Part:
    if message.template == GROUP_NUDGE:
        return _group_nudge(message)
    return Part(
        headline=event_title(message),
        language=get_language() or "da",
        facts=facts_of(message),
        lines=(read(prompt_of(message).text),),
        button=_("See the workshop") if message.workshop else _("See your learning group"),
        url=_address(message),
    )


def _group_nudge(message: Message) -> Part:
    return Part(
        headline=_("Which day suits your group?"),
        language=get_language() or "da",
        lines=(_("Your group meets next week, but no day has been chosen yet. Write to the others today."),),
        button=_("See your learning group"),
        url=_address(message),
    )


def _survey(message: Message) -> Part:
    words, language = prompt_of(message).text.read(get_language() or "da")
    again = (_("You may have answered already. Then say so behind the button, and we will not ask again."),)
    return Part(
        headline=words,
        language=language,
        lines=again if message.is_follow_up else (),
        button=_("See the questions"),
        quiet=_("Answers are only shown combined.") if is_anonymous(message) else _("Only you can see your answers."),
        url=_address(message),
        not_now=_not_now(message),
    )


def _conversation(message: Message) -> Part:
    return _conversation_for_sponsor(message) if message.is_for_sponsor else _conversation_for_participant(message)


def _conversation_for_participant(message: Message) -> Part:
    words, language = prompt_of(message).text.read(get_language() or "da")
    conversation = conversation_of(message)
    return Part(
        headline=words,
        language=language,
        lines=(_("Not held yet? Here are the questions:") if message.is_follow_up else _("Bring these questions:"),),
        points=conversation.questions.read(get_language() or "da")[0],
        button=_("Open the conversation"),
        quiet=_("Set aside about %(minutes)d minutes.") % {"minutes": conversation.minutes},
        url=_address(message),
        not_now=_not_now(message),
    )


def _conversation_for_sponsor(message: Message) -> Part:
    """The sponsor's own text: what to make room for, nothing of what the participant is asked or has written."""
    conversation = conversation_of(message)
    name = message.enrolment.person.display_name
    about = {"name": name, "title": read(programme_of(message).title), "minutes": conversation.minutes}
    return Part(
        headline=_("Make room for a conversation with %(name)s") % about,
        language=get_language() or "da",
        lines=(
            _("%(name)s is taking part in “%(title)s”. Set aside about %(minutes)d minutes together.") % about,
            _("%(name)s will ask you:") % about,
        ),
        points=conversation.questions.read(get_language() or "da")[0],
        button=_("Open the conversation"),
        quiet=_("What a participant writes in the log is theirs alone; you do not see it here either."),
        url=_address(message),
        not_now=_not_now(message),
    )


def _welcome(message: Message) -> Part:
    cohort = message.enrolment.cohort
    return Part(
        headline=_("Welcome to %(cohort)s") % {"cohort": cohort.name},
        language=get_language() or "da",
        lines=(_("The whole programme lies ready for you: what to read, the workshops and your learning group."),),
        button=_("See the programme"),
        url=absolute(reverse("home")),
    )


def _reply(message: Message) -> Part:
    """Says nothing of what was written, and not whether anything was."""
    too_big = _("Your reply was too big to arrive, probably because of a file. Nothing of it is kept.")
    with_file = _("A file came with your reply. It is not kept, only what you wrote yourself.")
    return Part(
        headline=_("We cannot take files"),
        language=get_language() or "da",
        lines=(
            too_big if message.template == TOO_BIG else with_file,
            _("You can reply again without it, or write where the question is."),
        ),
        button=_("Go to the question"),
        quiet=_("Nobody but you is told."),
        url=_address(message),
    )


def _three_ways() -> tuple[Part, ...]:
    """Keep, fewer or stop: each a link to the page with three buttons (MODEL P7)."""
    ways = {
        BackOff.Choice.KEEP: (_("Ask me as before"), _("Keep the questions")),
        BackOff.Choice.FEWER: (_("One mail a week is enough"), _("Get fewer")),
        BackOff.Choice.STOP: (_("I do not want the questions"), _("Stop the questions")),
    }
    page, language = absolute(reverse("back-off")), get_language() or "da"
    return tuple(
        Part(headline=headline, language=language, url=f"{page}?{urlencode({'choice': choice.value})}", button=button)
        for choice, (headline, button) in ways.items()
    )


def _address(message: Message) -> str:
    return absolute(reverse("message", args=[message.pk]))


def _not_now(message: Message) -> str:
    return absolute(reverse("message-dismiss", args=[message.pk]))


PARTS: dict[Kind, Callable[[Message], Part]] = {
    Kind.PROMPT: _prompt,
    Kind.REMINDER: _reminder,
    Kind.SURVEY: _survey,
    Kind.CONVERSATION: _conversation,
    Kind.WELCOME: _welcome,
    Kind.REPLY: _reply,
    Kind.EVENT: event_wording.part,
}
SUBJECTS: dict[Kind, Callable[[Message], str]] = {
    Kind.PROMPT: _prompt_subject,
    Kind.REMINDER: _reminder_subject,
    Kind.SURVEY: survey_title,
    Kind.CONVERSATION: _conversation_subject,
    Kind.WELCOME: _welcome_subject,
    Kind.BACK_OFF: _back_off_subject,
    Kind.REPLY: _reply_subject,
    Kind.EVENT: event_wording.subject,
}
