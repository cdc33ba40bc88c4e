"""Everything one person has written, opened for one search of their own and forgotten after it.

Nothing of it is indexed or cached. One key is unwrapped and each kind of text fetched once, so a search takes twelve
queries whether there are three entries or three hundred.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.groups.meeting_texts import text_of
from courseplatform.journal.groups.peer_questions import answer_to, words_of
from courseplatform.journal.models import (
    Commitment,
    Experiment,
    InquiryQuestion,
    Insight,
    MeetingNote,
    Observation,
    PeerQuestion,
    Project,
    Reflection,
)
from courseplatform.journal.reflections.entries import draft_of, question_of
from courseplatform.people.models import User
from courseplatform.people.privacy.sealing import KeyDestroyedError

Enrolments = dict[UUID, Enrolment]


@dataclass(frozen=True)
class OwnText:
    """One text of the person's: what it is, what it is about, what it says. `repr` shows no word of it."""

    kind: str
    on: date
    address: str
    text: str = field(repr=False)
    heading: str = field(default="", repr=False)
    language: str = ""  # of the heading, where somebody else asked


def own_texts(person: User) -> list[OwnText]:
    """The newest first; nothing once their key is destroyed."""
    known = _enrolments(person)
    try:
        found = [*_entries(person, known), *_questions(person, known), *_experiments(known), *_observations(known)]
        found += [*_learned(known), *_said(person), *_asked(person), *_answered(person)]
    except KeyDestroyedError:
        return []
    return sorted(found, key=lambda one: one.on, reverse=True)


def _enrolments(person: User) -> Enrolments:
    own = Enrolment.objects.filter(person=person).select_related("cohort__programme_version")
    found = {one.pk: one for one in own.defer("cohort__programme_version__snapshot")}
    for one in found.values():
        one.person = person  # the same object everywhere: its key is opened once
    return found


def _entries(person: User, known: Enrolments) -> Iterator[OwnText]:
    asked: dict[tuple[object, ...], tuple[str, str]] = {}  # to look in an earlier version takes a query
    for entry in Reflection.objects.by(person).select_related("message"):
        entry.author, entry.enrolment = person, known[entry.enrolment_id]
        question = (entry.prompt_key, entry.enrolment_id, entry.message.template_version if entry.message else "")
        if question not in asked:
            asked[question] = question_of(entry)
        heading, language = asked[question]
        text = "\n".join(filter(None, draft_of(entry).values()))
        yield OwnText(_("Entry"), entry.occurred_on, reverse("reflection", args=[entry.pk]), text, heading, language)


def _questions(person: User, known: Enrolments) -> Iterator[OwnText]:
    projects = {one.pk: one for one in Project.objects.by(person)}
    for project in projects.values():
        project.enrolment = known[project.enrolment_id]
        words = texts_of(project)
        if ending := words.get("answer") or words.get("reason"):
            on = _day(project.ended_at or project.updated_at, person)
            yield OwnText(_("What I ended with"), on, reverse("experiments"), ending, words.get("title", ""))
    for question in InquiryQuestion.objects.filter(project__in=projects):
        question.project = projects[question.project_id]
        text = "\n".join(filter(None, texts_of(question).values()))
        yield OwnText(_("My question"), _day(question.asked_at, person), reverse("experiments"), text)


def _experiments(known: Enrolments) -> Iterator[OwnText]:
    for experiment in Experiment.objects.filter(enrolment__in=known):
        experiment.enrolment = known[experiment.enrolment_id]
        words = texts_of(experiment)
        title, rest = words.pop("title", ""), "\n".join(filter(None, words.values()))
        on = experiment.starts_on or _day(experiment.created_at, experiment.author)
        yield OwnText(_("Experiment"), on, reverse("experiment", args=[experiment.pk]), rest, title)


def _observations(known: Enrolments) -> Iterator[OwnText]:
    for seen in Observation.objects.filter(experiment__enrolment__in=known).select_related("experiment"):
        seen.experiment.enrolment = known[seen.experiment.enrolment_id]
        address = reverse("experiment", args=[seen.experiment_id])
        yield OwnText(_("What I saw"), _day(seen.seen_at, seen.author), address, texts_of(seen)["text"])


def _learned(known: Enrolments) -> Iterator[OwnText]:
    for insight in Insight.objects.filter(enrolment__in=known):
        insight.enrolment = known[insight.enrolment_id]
        text = "\n".join(filter(None, texts_of(insight).values()))
        address = reverse("insight", args=[insight.pk])
        yield OwnText(_("Learning point"), _day(insight.created_at, insight.author), address, text)


def _said(person: User) -> Iterator[OwnText]:
    kinds = {Commitment: _("What I promised my group"), MeetingNote: _("My note at a group meeting")}
    for model, kind in kinds.items():
        for said in model.objects.by(person):
            said.author = person
            yield OwnText(kind, _day(said.written_at, person), reverse("meeting-text", args=[said.pk]), text_of(said))


def _asked(person: User) -> Iterator[OwnText]:
    for asked in PeerQuestion.objects.by(person):
        asked.author = person
        yield OwnText(_("What I asked somebody"), _day(asked.asked_at, person), _beside(asked), words_of(asked))


def _answered(person: User) -> Iterator[OwnText]:
    for asked in PeerQuestion.objects.answered_by(person):
        on = _day(asked.answered_at or asked.asked_at, person)
        yield OwnText(_("What I answered"), on, _beside(asked), answer_to(asked, person))


def _beside(asked: PeerQuestion) -> str:
    """The page of the text it hangs on; that says itself where it is not shared any more."""
    if asked.reflection_id:
        return reverse("reflection", args=[asked.reflection_id])
    return reverse("experiment", args=[asked.experiment_id]) if asked.experiment_id else reverse("group")


def _day(moment: datetime, person: User) -> date:
    return to_local(moment, person.timezone).date()
