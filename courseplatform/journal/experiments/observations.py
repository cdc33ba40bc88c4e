"""What was seen, kept apart from what is made of it; and who else may read it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.projects import CPR
from courseplatform.journal.experiments.sealed_texts import draft_of, draft_without, sealed, texts_of
from courseplatform.journal.models import Experiment, Observation, Reflection
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.journal.withdrawn import note_narrowed, note_taken_back
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

State, Visibility = Experiment.State, Reflection.Visibility
LONGEST = 10_000  # grapheme clusters
SLACK = timedelta(minutes=5)  # a phone's clock may be a little ahead
SEEN_IN = (State.RUNNING, *Experiment.ENDED)


def keep_draft(experiment: Experiment, texts: dict[str, str], *, edition: int) -> None:
    """Keep the observation or the reason that is being written, each beside the other. Raises StaleError."""
    kept = draft_of(experiment) | {name: tidy(text) for name, text in texts.items()}
    mine = Experiment.objects.filter(pk=experiment.pk, edition=edition)
    if not mine.update(sealed_draft=sealed(experiment, kept, "draft"), edition=F("edition") + 1):
        raise StaleError
    experiment.refresh_from_db(fields=["edition", "sealed_draft"])


def problem_with(experiment: Experiment, text: str, seen_at: datetime | None, now: datetime) -> object | None:
    """Why this cannot be noted, as a sentence; None when it can."""
    kept = tidy(text)
    if not kept:
        return _("Write a line first. One is enough.")
    if length(kept) > LONGEST:
        return _("It is too long. Nothing is lost: shorten it and save again.")
    if seen_at is None or seen_at > now + SLACK:
        return _("Say when you saw it. It cannot be later than now.")
    return CPR if experiment.is_shared and has_cpr_like_number(kept) else None


@transaction.atomic
def note(
    experiment: Experiment, pk: UUID, text: str, *, seen_at: datetime, now: datetime, keeps_draft: bool = False
) -> Observation:
    """A new observation called `pk`; twice makes it once, and other words under that name make another one.

    Done with its draft, unless it is another text that is to be noted as well. Raises Refusal before it runs.
    """
    experiment.refresh_from_db(fields=["state", "visibility", "sealed_draft"])
    if experiment.state not in SEEN_IN:
        sentence = _("There is nothing to see yet. Begin the experiment first.")
        raise Refusal(sentence, state=experiment.get_state_display())
    if problem := problem_with(experiment, text, seen_at, now):
        raise Refusal(problem, state=experiment.get_state_display())
    if noted := _noted(experiment, pk):
        if texts_of(noted)["text"] == tidy(text):
            return noted
        pk = uuid4()
    fresh = Observation(pk=pk, experiment=experiment, seen_at=seen_at, created_by=experiment.author)
    fresh.sealed = sealed(fresh, {"text": tidy(text)})
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return Observation.objects.get(pk=pk, experiment=experiment)
    draft = {} if keeps_draft else {"sealed_draft": draft_without(experiment, "text")}
    Experiment.objects.filter(pk=experiment.pk).update(edition=F("edition") + 1, **draft)
    return fresh


def _noted(experiment: Experiment, pk: UUID) -> Observation | None:
    noted = experiment.observations.filter(pk=pk).first()
    if noted:
        noted.experiment = experiment
    return noted


def take_away(experiment: Experiment, pk: UUID) -> None:
    """Erase one of its observations. Safe to repeat."""
    experiment.observations.filter(pk=pk).delete()


@transaction.atomic
def share(experiment: Experiment, level: str, now: datetime) -> None:
    """Who may read the plan and what was seen. Raises Refusal for an idea and for a CPR-like number; StaleError.

    Sharing anew counts from now, so that those who joined since can read it too (MODEL I8).
    """
    if level not in Visibility.values or (experiment.state == State.IDEA and level != Visibility.PRIVATE):
        raise Refusal(_("Plan it first, then choose who may read it."), state=experiment.get_state_display())
    # SQLite and PostgreSQL alike: nothing new comes in between looking and sharing, for a note raises the edition.
    edition = experiment.edition
    if level != Visibility.PRIVATE and any(map(has_cpr_like_number, _all_texts(experiment))):
        raise Refusal(CPR, state=experiment.get_state_display())
    mine = Experiment.objects.filter(pk=experiment.pk)
    if level == Visibility.PRIVATE:
        note_taken_back(experiment, now)
    else:
        mine = mine.filter(edition=edition)
        note_narrowed(experiment, level, now)
    shared_at = None if level == Visibility.PRIVATE else now
    if not mine.update(visibility=level, shared_at=shared_at, edition=F("edition") + 1):
        raise StaleError
    experiment.refresh_from_db(fields=["visibility", "shared_at", "edition"])


def _all_texts(experiment: Experiment) -> list[str]:
    seen = experiment.observations.select_related("experiment__enrolment__person__key")
    return [*texts_of(experiment).values(), *(texts_of(one)["text"] for one in seen)]
