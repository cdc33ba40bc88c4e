"""What a message is about, read from its version: titles, facts and questions in the active language."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform.cohorts.models import GroupMeeting, Workshop
from courseplatform.outbox.models import Message
from courseplatform.people import local_dates
from lessons.shape import Programme, Prompt, SponsorConversation, Text
from lessons.versions import knowing, programme


def programme_of(message: Message) -> Programme:
    """The version the message was planned from."""
    return programme(message.template_version)


def prompt_of(message: Message) -> Prompt:
    """What is asked; a sponsor's message is about the same. Raises KeyError when the version has none."""
    return programme_of(message).prompt(message.base_template)


def read(text: Text) -> str:
    """A bilingual text in the active language."""
    return text.read(get_language() or "da")[0]


def topic_of(message: Message) -> str:
    """What a question belongs to, for a subject line: the programme's own words, nothing of the person's."""
    version, (kind, _colon, key) = programme_of(message), prompt_of(message).anchor.partition(":")
    # A rule may be about all of its kind (`module_open:*`); the message is about one of them.
    if kind == "module_open":
        return read(version.module(message.anchor if key == "*" else key).title)
    if kind == "workshop":
        return read(version.workshop(message.workshop.key if key == "*" and message.workshop else key).title)
    own = {
        "group_meeting": _("your learning group"),
        "experiment_start": _("your experiment"),
        "experiment_due": _("your experiment"),
    }
    return own.get(kind) or read(version.title)


def event_title(message: Message) -> str:
    """The workshop's title, or that the group meets."""
    if message.workshop:
        return workshop_title(message.workshop, programme_of(message))
    return _("Your learning group meets") if message.meeting else read(programme_of(message).title)


def workshop_title(workshop: Workshop, version: Programme) -> str:
    """In the active language."""
    return read(knowing(version, "workshops", workshop.key).workshop(workshop.key).title)


def day_of(message: Message) -> str:
    """The event's day in words; empty where it has none."""
    event = message.workshop or message.meeting
    return local_dates.day(event.starts_at) if event and event.starts_at else ""


def facts_of(message: Message) -> tuple[str, ...]:
    """When and where."""
    event = message.workshop or message.meeting
    if event is None or event.starts_at is None:
        return ()
    return tuple(fact for fact in (local_dates.span(event.starts_at, event.ends_at), _where(event)) if fact)


def _where(event: Workshop | GroupMeeting) -> str:
    return event.place or (_("Online; the link is on the page") if event.link else "")


def survey_title(message: Message) -> str:
    """The survey's title, or the competence wheel's."""
    kind, _colon, key = prompt_of(message).opens.partition(":")
    version = programme_of(message)
    if kind == "assessment" and version.assessment:
        return read(version.assessment.title)
    return next((read(survey.title) for survey in version.surveys if survey.key == key), read(version.title))


def statements_of(message: Message) -> tuple[Text, ...]:
    """What the survey or the competence wheel asks, line by line."""
    kind, _colon, key = prompt_of(message).opens.partition(":")
    version = programme_of(message)
    if kind == "assessment" and version.assessment:
        return tuple(dimension.statement for dimension in version.assessment.dimensions)
    return tuple(item.text for survey in version.surveys if survey.key == key for item in survey.items)


def is_anonymous(message: Message) -> bool:
    """Whether answers are only ever shown combined."""
    kind, _colon, key = prompt_of(message).opens.partition(":")
    return kind == "survey" and any(survey.anonymous for survey in programme_of(message).surveys if survey.key == key)


def conversation_of(message: Message) -> SponsorConversation:
    """The sponsor conversation a message opens. Raises KeyError when the version has none."""
    key = prompt_of(message).opens.partition(":")[2]
    for conversation in programme_of(message).sponsor_conversations:
        if conversation.key == key:
            return conversation
    raise KeyError(key)
