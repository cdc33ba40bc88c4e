"""The plan of an experiment while it is an idea: kept as it is written, and looked at before it counts."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from courseplatform.journal.experiments.rounds import LONGEST
from courseplatform.journal.experiments.sealed_texts import Texts, sealed, texts_of
from courseplatform.journal.models import Experiment
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.refusals import Refusal
from courseplatform.people.written_text import has_cpr_like_number, length, tidy

WORDS = ("title", "hypothesis", "if_situation", "then_action", "observe_how", "who_knows", "stop_when")
TITLE, LONGEST_TEXT = (3, 120), 2000  # grapheme clusters
MISSING = {
    "title": _("Give it a name of 3 to 120 characters."),
    "if_situation": _("Say in which situation you do it."),
    "then_action": _("Say what you do then."),
    "observe_how": _("Say how you will notice what happens."),
}


@dataclass(frozen=True)
class Problem:
    """What stands in the way of planning: the field, and a sentence."""

    field: str
    sentence: object


def keep(experiment: Experiment, texts: Texts, *, edition: int, **columns: Any) -> None:
    """Keep what is written of the idea so far; other words stay. Raises StaleError, and Refusal once it is planned."""
    words = {name: tidy(text) for name, text in texts.items()}
    content = sealed(experiment, texts_of(experiment) | words)
    standing = Experiment.objects.filter(pk=experiment.pk, state=Experiment.State.IDEA, edition=edition)
    written = standing.update(sealed=content, edition=F("edition") + 1, **columns)
    experiment.refresh_from_db(fields=["state", "sealed", "edition", *columns])
    if not written:
        if experiment.state != Experiment.State.IDEA:
            sentence = _("The plan counts already. Take it back to an idea before you change it.")
            raise Refusal(sentence, state=experiment.get_state_display())
        raise StaleError


def problems_with(experiment: Experiment, today: date) -> list[Problem]:
    """What is missing or wrong, in the order of the steps; nothing when it can be planned."""
    words = texts_of(experiment)
    return [*_in_words(words), *_in_days(experiment, today), *_in_risk(experiment, words)]


def _in_words(words: Texts) -> list[Problem]:
    missing = [Problem(name, sentence) for name, sentence in MISSING.items() if not words.get(name)]
    title = words.get("title", "")
    if title and not TITLE[0] <= length(title) <= TITLE[1]:
        missing.append(Problem("title", MISSING["title"]))
    if has_cpr_like_number(title):
        sentence = _("It looks as if there is a CPR number in the name. Take it out: your group can read it.")
        missing.append(Problem("title", sentence))
    long = [name for name in WORDS if length(words.get(name, "")) > LONGEST_TEXT]
    return missing + [Problem(name, _("It is too long. Nothing is lost: shorten it.")) for name in long]


def _in_days(experiment: Experiment, today: date) -> list[Problem]:
    if experiment.starts_on is None or experiment.due_on is None:
        return [Problem("starts_on", _("Choose the first and the last day."))]
    if experiment.starts_on < today:
        return [Problem("starts_on", _("The first day has passed. Choose today or a later one."))]
    if experiment.due_on < experiment.starts_on:
        return [Problem("due_on", _("The last day comes before the first."))]
    if experiment.due_on - experiment.starts_on > LONGEST:
        return [Problem("due_on", _("An experiment lasts three weeks at most. Make it smaller."))]
    return []


def _in_risk(experiment: Experiment, words: Texts) -> list[Problem]:
    if experiment.risk_ack is None:
        return [Problem("risk_ack", _("Say whether it concerns citizens or staff."))]
    if experiment.risk_ack and not words.get("who_knows"):
        return [Problem("who_knows", _("It concerns others. Say who must know about it."))]
    return []
