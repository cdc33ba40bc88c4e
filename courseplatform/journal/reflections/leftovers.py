"""What was begun somewhere that is over: a private draft in its author's log, as the browser makes one of it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import writing
from courseplatform.journal.reflections.entries import draft_of
from courseplatform.people.written_text import tidy

LATEST = 20


def keep_as_note(enrolment: Enrolment, texts: Iterable[str], now: datetime) -> bool:
    """A draft of all these texts; none where a late one of the author's says just that. Whether there was any text."""
    words = "\n\n".join(filter(None, map(tidy, texts)))
    if not words or _is_there(enrolment, words):
        return bool(words)
    day = to_local(now, enrolment.person.timezone).date()
    note = writing.begin(enrolment, pk=uuid4(), message=None, prompt_key="", model_key="free", on=day)
    writing.keep_draft(note, {"text": words}, edition=note.edition)
    return True


def _is_there(enrolment: Enrolment, words: str) -> bool:
    drafts = Reflection.objects.by(enrolment.person).filter(state=Reflection.State.DRAFT).select_related("author__key")
    return any(words in draft_of(one).values() for one in drafts.order_by("-updated_at")[:LATEST])
