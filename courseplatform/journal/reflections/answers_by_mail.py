"""An answer by e-mail becomes an entry in its author's log: private, sealed, and never over what stands there already.

Outbox has made sure who wrote it and which words are their own (docs/decisions/answers-by-mail.md).
"""

from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import writing
from courseplatform.outbox.models import Message
from courseplatform.people.refusals import Refusal
from lessons.shape import Programme, ReflectionModel
from lessons.versions import programme


def keep(message: Message, text: str, now: datetime) -> None:
    """A new private entry that answers the question (MODEL I5, P3).

    Where the question has an entry already, this one stands beside it: what is there may be shared, or half written.
    Raises Refusal for anything but a participant's own question.
    """
    if message.kind != Message.Kind.PROMPT or message.is_for_sponsor:
        raise Refusal(_("Only questions are answered by e-mail."))
    message.enrolment.person = message.person
    model = _lone_field(programme(message.enrolment.cohort.programme_version.digest))
    entry = _fresh(message, model, now)
    writing.save(entry, {model.fields[0].key: text}, edition=entry.edition, now=now, asked=message)


def _lone_field(whole: Programme) -> ReflectionModel:
    """The form with one field: a mail has no headings."""
    return min(whole.reflection_models, key=lambda model: len(model.fields))


def _fresh(message: Message, model: ReflectionModel, now: datetime) -> Reflection:
    """The question's own entry where it has none yet; else one beside it, with the same question."""
    pk = uuid4()
    entry = _begin(pk, message, message, model, now)
    return entry if entry.pk == pk else _begin(pk, message, None, model, now)


def _begin(pk: UUID, asked: Message, message: Message | None, model: ReflectionModel, now: datetime) -> Reflection:
    on = to_local(now, asked.person.timezone).date()
    key = asked.template
    return writing.begin(asked.enrolment, pk=pk, message=message, prompt_key=key, model_key=model.key, on=on)
