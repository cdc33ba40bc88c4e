"""A learning point is shared by its author's consent to named readers, and taken back with one tap."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.insights.writing import CHANGING, PRIVATE, problem_with
from courseplatform.journal.models import Insight
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.withdrawn import note_narrowed, note_taken_back
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record, record_all
from courseplatform.people.refusals import Refusal

Level = Insight.Visibility
LEVELS = [level for level in Level if level != PRIVATE]


def readers_at(level: str, municipality: object) -> object:
    """Who will be able to read it at that level: the sentence that its author agrees to."""
    return {
        Level.GROUP: _("Those who are in your learning group."),
        Level.FACILITATOR: _("Those who are in your learning group, and its facilitator."),
        Level.COHORT: _("Everybody on the cohort, and your group's facilitator."),
        Level.ORGANISATION: _("Everybody who can sign in here from %(municipality)s: also your own manager and HR.")
        % {"municipality": municipality},
    }[Level(level)]


def readers_of(insight: Insight) -> str:
    """The sentence for a learning point as it stands; never less than the truth."""
    return {
        Level.PRIVATE: gettext("Only you can read this."),
        Level.GROUP: gettext("Your learning group can read this."),
        Level.FACILITATOR: gettext("Your learning group and its facilitator can read this."),
        Level.COHORT: gettext("Everybody on the cohort and your group's facilitator can read this."),
        Level.ORGANISATION: gettext("Everybody in the municipality can read this, also your own manager and HR."),
    }[Level(insight.visibility)]


@transaction.atomic
def share(insight: Insight, level: str, *, edition: int, now: datetime) -> None:
    """The author agrees that these may read these words, from now on; tapped twice, they agreed once.

    `edition` is that of the words they saw. Raises StaleError when there are others since, and Refusal for an unknown
    level and for what `problem_with` finds. Agreeing anew counts from now (MODEL I8).
    """
    if level not in LEVELS:
        raise Refusal(_("Choose who may read it."), state=insight.get_visibility_display())
    insight.refresh_from_db(fields=CHANGING)
    if insight.edition != edition and insight.visibility == level:
        return
    if problem := problem_with(texts_of(insight)):
        raise Refusal(problem, state=insight.get_visibility_display())
    note_narrowed(insight, level, now)
    seen = Insight.objects.filter(pk=insight.pk, edition=edition)
    if not seen.update(visibility=level, consent_at=now, edition=F("edition") + 1):
        raise StaleError
    _note(insight, "consent", gettext("You shared a learning point"), now)
    insight.refresh_from_db(fields=CHANGING)


@transaction.atomic
def take_back(insight: Insight, now: datetime) -> None:
    """Only the author again, from the next request on (MODEL I7). Safe to repeat."""
    shared = Insight.objects.filter(pk=insight.pk).exclude(visibility=PRIVATE)
    if shared.update(visibility=PRIVATE, consent_at=None, edition=F("edition") + 1):
        note_taken_back(insight, now)
        _note(insight, "withdraw", gettext("You took a learning point back"), now)
    insight.refresh_from_db(fields=CHANGING)


def _note(insight: Insight, action: str, purpose: str, now: datetime) -> None:
    record(insight.author, action, insight, about=insight.author, purpose=purpose, now=now)


def note_reading(reader: User, shown: Sequence[Insight], *, now: datetime) -> None:
    """Write down, once a day for each, that the reader has others' learning points on the screen (MODEL I17)."""
    seen = AuditEvent.objects.filter(actor=reader, action="read", at__gt=now - timedelta(days=1))
    known = set(seen.filter(object_id__in=[str(one.pk) for one in shown]).values_list("object_id", flat=True))
    new = [(one, one.author, _purpose(one.author)) for one in shown if str(one.pk) not in known]
    record_all(reader, "read", new, now=now)


def _purpose(author: User) -> str:
    """In the language of the person it is about: they read it on their own page."""
    with override(author.language):
        return gettext("Read a learning point you share")
