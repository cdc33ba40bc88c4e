"""Writing, sharing and taking back. A text is kept at every step and never widened by anybody but its author."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.thought_through import asked_about, thought_through
from courseplatform.journal.models import Experiment, Reflection, ReflectionRevision
from courseplatform.journal.reflections.entries import (
    Fields,
    draft_of,
    earlier,
    fields_of,
    sealed_draft,
    sealed_fields,
    sealed_revision,
)
from courseplatform.journal.withdrawn import note_deleted, note_narrowed, note_taken_back
from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.answering import answer, answer_ahead, same_question
from courseplatform.people.privacy.tombstones import because
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

LONGEST_FIELD = 10_000  # grapheme clusters, MODEL §10
KEPT_AFTER_DELETION = timedelta(days=30)
CHANGING = ("sealed", "sealed_draft", "edition", "model_key", "visibility", "shared_at", "state", "saved_at")
State, Visibility = Reflection.State, Reflection.Visibility
CPR_IN_SHARED = _("It looks as if there is a CPR number in it. Take it out before you share it with anybody.")


class StaleError(Exception):
    """The entry was written elsewhere since it was opened here; both texts still exist."""


def begin(
    enrolment: Enrolment,
    *,
    pk: UUID,
    message: Message | None,
    prompt_key: str,
    model_key: str,
    on: date,
    experiment: Experiment | None = None,
) -> Reflection:
    """The living answer to that message, or a new empty draft called `pk`. Two at once get the same one.

    Raises Reflection.DoesNotExist where `pk` is not the author's to write in.
    """
    if message and (existing := answer_to(message)):
        return existing
    fresh = Reflection(
        pk=pk,
        enrolment=enrolment,
        author=enrolment.person,
        message=message,
        experiment=experiment or asked_about(message),
        prompt_key=prompt_key,
        model_key=model_key,
        occurred_on=on,
        created_by=enrolment.person,
    )
    fresh.sealed = sealed_fields(fresh, {})
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        same = Q(message=message) if message else Q(pk=pk)
        return Reflection.objects.by(enrolment.person).get(same)
    return fresh


def answer_to(message: Message) -> Reflection | None:
    """The author's living entry for that question, begun from the message or from its follow-up."""
    own = Reflection.objects.by(message.person).filter(message__in=same_question(message))
    return own.select_related("author", "message").first()


def tidied(fields: Fields) -> Fields:
    """As they are kept: normalised, without control characters."""
    return {key: tidy(text) for key, text in fields.items()}


def problem_with(fields: Fields, level: str) -> object | None:
    """Why this cannot be saved for those readers, as a sentence; None when it can."""
    if not any(fields.values()):
        return _("Write a line first. One is enough.")
    too_long = max(length(text) for text in fields.values()) - LONGEST_FIELD
    if too_long > 0:
        sentence = _("It is %(number)d characters too long. Nothing is lost: shorten it and save again.")
        return sentence % {"number": too_long}
    return CPR_IN_SHARED if level != Visibility.PRIVATE and looks_like_cpr(fields) else None


def looks_like_cpr(fields: Fields) -> bool:
    """Whether a number in it could be somebody's CPR number."""
    return any(has_cpr_like_number(text) for text in fields.values())


@transaction.atomic
def keep_draft(reflection: Reflection, fields: Fields, *, edition: int, model_key: str = "") -> None:
    """Keep what has been written so far. A saved entry still says to others what it said. Raises StaleError.

    Sent twice, it is kept once: the second time says what stands here already.
    """
    kept = tidied(fields)
    edition = _edition_to_replace(reflection, kept, edition)
    if reflection.state == State.DRAFT:
        text = sealed_fields(reflection, kept)
        _write(reflection, edition, sealed=text, model_key=model_key or reflection.model_key)
    else:
        _write(reflection, edition, sealed_draft=sealed_draft(reflection, kept))


@transaction.atomic
def save(
    reflection: Reflection,
    fields: Fields,
    *,
    edition: int,
    now: datetime,
    model_key: str = "",
    visibility: str = "",
    asked: Message | None = None,
) -> None:
    """Draft or saved → saved, for the present readers or for those of `visibility`, which only its author may choose.

    `asked` is the question where the entry does not carry it, as a second answer does not.

    The question counts as answered (MODEL P3); what it said before stays for the author. Raises StaleError, and
    Refusal for an empty or too long text, or a CPR-like number in a shared one.
    """
    kept = tidied(fields)
    edition = _edition_to_replace(reflection, kept, edition)
    level = visibility or reflection.visibility
    if problem := problem_with(kept, level):
        raise Refusal(problem)
    is_new = reflection.state != State.SAVED
    if not is_new and (before := fields_of(reflection)) != kept:
        _remember(reflection, before, now)
    text = {
        "sealed": sealed_fields(reflection, kept),
        "sealed_draft": None,
        "model_key": model_key or reflection.model_key,
    }
    note_narrowed(reflection, level, now)
    _write(reflection, edition, state=State.SAVED, saved_at=now, **text, **_readers(reflection, level, now))
    _settle_question(reflection, now, asked, is_new=is_new)
    if reflection.experiment_id:
        thought_through(reflection.experiment_id, now)


def _edition_to_replace(reflection: Reflection, kept: Fields, edition: int) -> int:
    """The one its writer saw; the present one where that says the same, as when the page has just kept it by itself."""
    reflection.refresh_from_db(fields=CHANGING)
    return reflection.edition if draft_of(reflection) == kept else edition


def _readers(reflection: Reflection, level: str, now: datetime) -> dict[str, object]:
    """Nothing where the level stays: a page that was opened before it was taken back does not share it again."""
    if level == reflection.visibility:
        return {}
    return {"visibility": level, "shared_at": None if level == Visibility.PRIVATE else now}


def _settle_question(reflection: Reflection, now: datetime, asked: Message | None, *, is_new: bool) -> None:
    message = asked or reflection.message or _asked_by_mail(reflection)
    if message:
        answer(message, now)
    elif is_new and reflection.prompt_key:
        answer_ahead(reflection.enrolment, reflection.prompt_key, now)


def _asked_by_mail(reflection: Reflection) -> Message | None:
    """The latest message with the question that was answered where it stands in a lesson."""
    asked = Message.objects.of(reflection.author).unanswered().filter(enrolment=reflection.enrolment_id)
    return asked.filter(template=reflection.prompt_key or None).order_by("-sent_at").first()


@transaction.atomic
def keep_aside(reflection: Reflection, fields: Fields, now: datetime) -> None:
    """Put a text into the author's history, for the case that it is not chosen. Once, however often it comes."""
    kept = tidied(fields)
    newest = reflection.revisions.select_related("reflection__author").first()
    if any(kept.values()) and (newest is None or earlier(newest) != kept):
        _remember(reflection, kept, now)


def _remember(reflection: Reflection, fields: Fields, now: datetime) -> None:
    sealed = sealed_revision(reflection, fields, now)
    ReflectionRevision.objects.create(reflection=reflection, sealed=sealed, written_at=now)


@transaction.atomic
def share(reflection: Reflection, visibility: str, now: datetime) -> None:
    """Set who may read it. Raises Refusal for a draft, an unknown level and a CPR-like number; and StaleError.

    Sharing anew counts from now, so that those who joined since can read it too (MODEL I8).
    """
    if visibility not in Visibility.values or reflection.state != State.SAVED:
        raise Refusal(_("Save it first, then choose who may read it."), state=reflection.get_state_display())
    if visibility == Visibility.PRIVATE:
        note_taken_back(reflection, now)
        take_back(reflection)
        return
    if looks_like_cpr(fields_of(reflection)):
        raise Refusal(CPR_IN_SHARED)
    note_narrowed(reflection, visibility, now)
    # On the edition that was looked at: the text may have got a CPR number in it since.
    _write(reflection, reflection.edition, visibility=visibility, shared_at=now)


def take_back(reflection: Reflection) -> None:
    """Only the author again, from the next request on (MODEL I7). Safe to repeat."""
    _of_author(reflection).update(visibility=Visibility.PRIVATE, shared_at=None, edition=F("edition") + 1)
    reflection.refresh_from_db(fields=CHANGING)


@transaction.atomic
def delete(reflection: Reflection, now: datetime) -> None:
    """Gone from every page now; `erase_deleted` erases it after 30 days. Safe to repeat."""
    note_deleted(reflection, now)
    _of_author(reflection).update(state=State.DELETED, deleted_at=now, visibility=Visibility.PRIVATE, shared_at=None)


def erase_deleted(now: datetime) -> int:
    """Erase what its authors deleted 30 days ago, with its history (MODEL §3). How many."""
    deleted = Reflection.objects.filter(state=State.DELETED, deleted_at__lte=now - KEPT_AFTER_DELETION)
    with because("deleted_30_days_ago"):
        return deleted.delete()[1].get("journal.Reflection", 0)


def _of_author(reflection: Reflection) -> QuerySet[Reflection]:
    return Reflection.objects.by(reflection.author).filter(pk=reflection.pk)


def _write(reflection: Reflection, edition: int, **fields: object) -> None:
    """Compare-and-set on the edition the writer saw."""
    if not _of_author(reflection).filter(edition=edition).update(edition=F("edition") + 1, **fields):
        raise StaleError
    reflection.refresh_from_db(fields=CHANGING)
