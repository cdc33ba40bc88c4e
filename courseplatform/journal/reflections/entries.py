"""What an entry says, opened for somebody who was found by `visible_to`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.translation import get_language

from courseplatform.journal.models import Reflection, ReflectionRevision
from courseplatform.people.privacy import sealing
from lessons.shape import Programme, ReflectionModel
from lessons.versions import knowing, programme

Fields = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """One field of an entry as it is read: heading, text. `repr` shows neither."""

    label: str
    text: str

    def __repr__(self) -> str:
        return "<Answer>"


# Each text is sealed for its own place, so that nobody who writes in the database can put an earlier one, or a draft
# that was thrown away, where the present one stands.
def sealed_fields(reflection: Reflection, fields: Fields) -> bytes:
    """The entry's text, sealed for this author and this row. Raises sealing.KeyDestroyedError, as those below."""
    return _sealed(reflection, fields, _entry(reflection))


def sealed_draft(reflection: Reflection, fields: Fields) -> bytes:
    """An edit of a saved entry, sealed as nothing but that."""
    return _sealed(reflection, fields, _draft(reflection))


def sealed_revision(reflection: Reflection, fields: Fields, written_at: datetime) -> bytes:
    """What the entry said until `written_at`, sealed as that alone."""
    return _sealed(reflection, fields, _revision(reflection, written_at))


def fields_of(reflection: Reflection) -> Fields:
    """Field key → text, as last saved. Raises what `sealing.unseal` raises."""
    return _opened(reflection, reflection.sealed, _entry(reflection))


def draft_of(reflection: Reflection) -> Fields:
    """Field key → text, as last written, finished or not; for the author."""
    if reflection.sealed_draft is None:
        return fields_of(reflection)
    return _opened(reflection, reflection.sealed_draft, _draft(reflection))


def earlier(revision: ReflectionRevision) -> Fields:
    """What the entry said before; for the author."""
    reflection = revision.reflection
    return _opened(reflection, revision.sealed, _revision(reflection, revision.written_at))


def as_written(reflection: Reflection) -> "list[Answer] | None":
    """What its author reads, finished or not; None once their key is destroyed, for then nobody reads it again."""
    try:
        return answers(reflection, draft_of(reflection))
    except sealing.KeyDestroyedError:
        return None


def says_something(reflection: Reflection) -> bool:
    """Whether there is a word in it that its author could go on from."""
    try:
        return any(draft_of(reflection).values())
    except sealing.KeyDestroyedError:
        return False


def _entry(reflection: Reflection) -> str:
    return str(reflection.pk)


def _draft(reflection: Reflection) -> str:
    return f"{reflection.pk}/draft"


def _revision(reflection: Reflection, written_at: datetime) -> str:
    return f"{reflection.pk}/{written_at.astimezone(UTC).isoformat()}"


def _sealed(reflection: Reflection, fields: Fields, place: str) -> bytes:
    return sealing.seal(reflection.author, json.dumps(fields, ensure_ascii=False), place)


def _opened(reflection: Reflection, sealed: "bytes | memoryview[int]", place: str) -> Fields:
    fields: Fields = json.loads(sealing.unseal(reflection.author, bytes(sealed), place))
    return fields


def programme_of(reflection: Reflection) -> Programme:
    """The version the author's cohort follows."""
    return programme(reflection.enrolment.cohort.programme_version.digest)


def question_of(reflection: Reflection) -> tuple[str, str]:
    """The question as it was asked, and its language; ("", "") for an entry of the author's own accord."""
    if not reflection.prompt_key:
        return "", ""
    return version_asked(reflection).prompt(reflection.prompt_key).text.read(get_language() or "da")


def version_asked(reflection: Reflection) -> Programme:
    """The version that asked: a later one may have other words for it, or not ask at all."""
    asked = reflection.message
    whole = programme(asked.template_version) if asked else programme_of(reflection)
    return knowing(whole, "prompts", reflection.prompt_key) if reflection.prompt_key else whole


def model_of(whole: Programme, key: str) -> ReflectionModel:
    """The model by its key; the first one where the version no longer has it."""
    known = {model.key: model for model in whole.reflection_models}
    return known.get(key, whole.reflection_models[0])


def answers(reflection: Reflection, fields: Fields) -> list[Answer]:
    """The filled fields with their headings, in the model's order; a lone field needs no heading.

    What was written in another form before is shown too, after the others.
    """
    whole, language = programme_of(reflection), get_language() or "da"
    headings = {field.key: field.label for model in whole.reflection_models for field in model.fields}
    own = [field.key for field in model_of(whole, reflection.model_key).fields]
    filled = [key for key in (*own, *(key for key in fields if key not in own)) if fields.get(key)]
    if filled == own[:1] and len(own) == 1:
        return [Answer("", fields[own[0]])]
    return [Answer(headings[key].read(language)[0] if key in headings else "", fields[key]) for key in filled]


def together(one: Fields, other: Fields, model: ReflectionModel) -> Fields:
    """Two texts as one, field by field, in this form; what has no field in it goes into the first."""
    first = model.fields[0].key
    own = {field.key for field in model.fields}
    whole: dict[str, list[str]] = {key: [] for key in own}
    for fields in (one, other):
        for key, text in fields.items():
            whole[key if key in own else first].append(text)
    return {key: "\n\n".join(filter(None, texts)) for key, texts in whole.items()}
