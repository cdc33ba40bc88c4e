"""Commitments and notes of a meeting: sealed for their author, opened for those whom `visible_to` let in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.journal.models import Commitment, InquiryQuestion, MeetingNote
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy import sealing
from courseplatform.people.privacy.audit import record_all
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

LONGEST = 1000  # characters
Outcome = Commitment.Outcome


def problem_with(text: str) -> object | None:
    """Why the group cannot keep this, as a sentence; None when it can."""
    if not tidy(text):
        return _("Write a line first. One is enough.")
    if length(tidy(text)) > LONGEST:
        return _("Keep it to 1,000 characters.")
    return _("This looks like a CPR number. Take it out.") if has_cpr_like_number(text) else None


def keep(
    kind: type[Commitment] | type[MeetingNote],
    pk: UUID,
    text: str,
    *,
    of: Enrolment,
    meeting: GroupMeeting,
    by: User,
    now: datetime,
) -> None:
    """Keep what `of` said, typed by `by`.

    The page names the row, so that the same tap twice keeps it once; other words from an old page get another row.
    """
    if problem := problem_with(text):
        raise Refusal(problem)
    row = kind(pk=pk, meeting=meeting, enrolment=of, author=of.person, written_at=now, created_by=by)
    if _is_kept(row, tidy(text)):
        return
    if kind.objects.filter(pk=pk).exists():
        row.pk = uuid4()
    row.sealed = sealing.seal(of.person, tidy(text), str(row.pk))
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not _is_kept(row, tidy(text)):
            raise


def _is_kept(row: Commitment | MeetingNote, words: str) -> bool:
    """Whether that person has said just that under that name."""
    rows = type(row)._default_manager.filter(pk=row.pk, meeting=row.meeting, author=row.author)
    first = rows.select_related("author__key").first()
    return first is not None and text_of(first) == words


def text_of(row: Commitment | MeetingNote) -> str:
    """What it says. Raises what `sealing.unseal` raises."""
    return sealing.unseal(row.author, bytes(row.sealed), str(row.pk))


def edition_of(row: Commitment | MeetingNote) -> str:
    """Another one for every wording: what the page says that its author saw."""
    return sha256(bytes(row.sealed)).hexdigest()[:16]


def change(row: Commitment | MeetingNote, text: str, *, edition: str, now: datetime) -> None:
    """Its author's new wording; how it went stays. Raises Refusal for what `problem_with` names, and StaleError.

    Sent twice, it is changed once.
    """
    if problem := problem_with(text):
        raise Refusal(problem)
    if text_of(row) == tidy(text):
        return
    # On the very bytes that were looked at: each sealing makes others.
    seen = type(row)._default_manager.filter(pk=row.pk, sealed=bytes(row.sealed))
    sealed = sealing.seal(row.author, tidy(text), str(row.pk))
    if edition != edition_of(row) or not seen.update(sealed=sealed, updated_at=now):
        raise StaleError
    row.sealed = sealed


def take_away(row: Commitment | MeetingNote) -> None:
    """Gone for everybody at once, and for good. Safe to repeat."""
    type(row)._default_manager.filter(pk=row.pk).delete()


def tell(commitment: Commitment, outcome: str, *, now: datetime) -> None:
    """How it went, in the opening round; the last word stands."""
    if outcome not in Outcome.values:
        raise Refusal(_("Choose one of the three."))
    told_at = None if outcome == Outcome.UNTOLD else now
    commitment.outcome, commitment.told_at = outcome, told_at
    commitment.save(update_fields=["outcome", "told_at", "updated_at"])


def note_reading(reader: User, rows: Sequence[Commitment | MeetingNote | InquiryQuestion], *, now: datetime) -> None:
    """Write down, once a day for each, that the reader has seen others' texts (MODEL I17). Two queries."""
    others = [row for row in rows if row.author != reader]
    seen = AuditEvent.objects.filter(actor=reader, action="read", at__gt=now - timedelta(days=1))
    known = set(seen.filter(object_id__in=[str(row.pk) for row in others]).values_list("object_id", flat=True))
    new = [(row, row.author, _purpose(row.author)) for row in others if str(row.pk) not in known]
    record_all(reader, "read", new, now=now)


def _purpose(author: User) -> str:
    with override(author.language):
        return gettext("Read what you brought to a group meeting")
