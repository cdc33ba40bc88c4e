"""A learning point is written from one's own experiment once it is thought through, and from nothing else."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.experiments.sealed_texts import Texts, sealed, texts_of
from courseplatform.journal.models import Experiment, Insight
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

LINES = ("situation", "did", "now")
LONGEST = 300  # grapheme clusters a line
CHANGING = ["sealed", "focus_area", "edition", "visibility", "consent_at"]
PRIVATE = Insight.Visibility.PRIVATE


def of(experiment: Experiment) -> Insight | None:
    """What that experiment has taught its author, begun or finished."""
    return Insight.objects.filter(experiment=experiment).select_related(*WITH_AUTHOR).first()


def suggestion(experiment: Experiment) -> Texts:
    """The first two lines as the plan has them, begun as sentences, for their author to change."""
    words = texts_of(experiment)
    return {"situation": capfirst(words.get("if_situation", "")), "did": capfirst(words.get("then_action", ""))}


def begin(experiment: Experiment) -> Insight:
    """The learning point of that experiment, or a new empty one. Two at once get the same one.

    Raises Refusal before it is thought through.
    """
    if existing := of(experiment):
        return existing
    must_be_thought_through(experiment)
    fresh = Insight(enrolment=experiment.enrolment, experiment=experiment, created_by=experiment.author)
    fresh.sealed = sealed(fresh, {})
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return Insight.objects.select_related(*WITH_AUTHOR).get(experiment=experiment)
    return fresh


def must_be_thought_through(experiment: Experiment) -> None:
    """Raises Refusal before it is."""
    if experiment.state != Experiment.State.REFLECTED:
        sentence = _("Think it through first. Then it can become a learning point.")
        raise Refusal(sentence, state=experiment.get_state_display())


def keep(insight: Insight, texts: Texts, *, edition: int, focus_area: str | None = None) -> bool:
    """Keep what is written so far, finished or not; sent twice, it is kept once, and the second time is False.

    Without `focus_area` the one that was chosen stays.

    Raises StaleError, and Refusal while it is shared: its author agreed to the words that stand there.
    """
    kept = {name: tidy(texts[name]) for name in LINES}
    area = {} if focus_area is None else {"focus_area": focus_area}
    mine = Insight.objects.filter(pk=insight.pk, edition=edition, visibility=PRIVATE)
    written = mine.update(sealed=sealed(insight, kept), edition=F("edition") + 1, **area)
    insight.refresh_from_db(fields=CHANGING)
    if written or (texts_of(insight) == kept and insight.focus_area == area.get("focus_area", insight.focus_area)):
        return bool(written)
    if insight.is_shared:
        sentence = _("It is shared as it stands. Take it back before you change it.")
        raise Refusal(sentence, state=insight.get_visibility_display())
    raise StaleError


def problem_with(texts: Texts) -> object | None:
    """Why nobody else can read this yet, as a sentence; None when they could."""
    lines = [texts.get(name, "") for name in LINES]
    if not all(lines):
        return _("Write all three lines first.")
    if any(length(line) > LONGEST for line in lines):
        return _("Keep each line to 300 characters. Nothing is lost: shorten it.")
    if any(map(has_cpr_like_number, lines)):
        return _("It looks as if there is a CPR number in it. Take it out before you share it with anybody.")
    return None


def throw_away(insight: Insight) -> None:
    """Gone for good, for everybody. Safe to repeat."""
    Insight.objects.filter(pk=insight.pk).delete()
