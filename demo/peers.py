"""What the demo people ask each other about what they share, and the learning points they let others read."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.days import WITH_AUTHOR
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.insights import sharing, writing
from courseplatform.journal.models import Experiment, PeerQuestion


def ask(enrolment: Enrolment, said: dict[str, str], now: datetime) -> None:
    """About the text of that kind that `of` shares at that moment. Raises StopIteration where they share none."""
    writer, theirs = enrolment.person, enrolment.cohort.enrolments.get(person__email__startswith=f"{said['of']}@")
    shared = peer_questions.KINDS[said["about"]](writer).order_by("-created_at")
    text = next(one for one in shared if peer_questions.enrolment_of(one) == theirs)
    kind = said.get("kind", PeerQuestion.Kind.QUESTION)
    peer_questions.ask(text, uuid4(), said["text"], kind, by=writer, now=now)


def answer(enrolment: Enrolment, said: dict[str, str], now: datetime) -> None:
    """The last thing that `to` has asked and is not answered yet."""
    waiting = PeerQuestion.objects.visible_to(enrolment.person).filter(answered_at=None).select_related("author__key")
    question = waiting.filter(author__email__startswith=f"{said['to']}@").order_by("-asked_at")[0]
    peer_questions.answer(question, said["text"], by=enrolment.person, now=now)


def learn(trial: Experiment, said: dict[str, Any], now: datetime) -> None:
    """The three lines of an experiment that is thought through; with a `level`, for those readers too."""
    thought_through = Experiment.objects.visible_to(trial.author).select_related(*WITH_AUTHOR).get(pk=trial.pk)
    insight = writing.begin(thought_through)
    words = {name: said[name] for name in writing.LINES}
    writing.keep(insight, words, edition=insight.edition, focus_area=said.get("focus_area", ""))
    if "level" in said:
        sharing.share(insight, said["level"], edition=insight.edition, now=now)
