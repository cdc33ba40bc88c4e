"""What a text's page shows of the group's questions, and where they wait: elsewhere by number and place alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Max, Q, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, override

from courseplatform.journal.groups.peer_questions import Text, answer_to, field_of, words_of
from courseplatform.journal.models import PeerQuestion
from courseplatform.journal.reflections.readers import name_of_writer
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record_all
from courseplatform.people.privacy.sealing import KeyDestroyedError

Kind = PeerQuestion.Kind
PLACES_SHOWN = 10
PROJECT = "wording__project"
OF_THE_TEXT = (
    "reflection", "experiment", f"{PROJECT}__enrolment", f"{PROJECT}__enrolment__cohort", "reflection__occurred_on",
)  # fmt: skip
NAME_OF_AUTHOR = Coalesce(
    "reflection__author__display_name",
    f"{PROJECT}__enrolment__person__display_name",
    "experiment__enrolment__person__display_name",
)


@dataclass(frozen=True)
class Asked:
    """One question or appreciation, opened for its reader; `repr` shows no word of it."""

    question: PeerQuestion
    name: str
    words: str = field(repr=False)
    answer: str = field(repr=False)
    is_mine: bool


def asked_about(texts: Sequence[Text], reader: User, now: datetime) -> list[Asked]:
    """What this reader may see beside these texts of one author and kind, in the order it was asked.

    With this the author has seen it, and who asked has seen the answer; who else has read it is written down. One query
    where there is nothing.
    """
    if not texts:
        return []
    hung = {f"{field_of(texts[0])}__in": [one.pk for one in texts]}
    rows = PeerQuestion.objects.visible_to(reader).filter(withdrawn_at=None, **hung)
    found = list(rows.select_related("author__key", "enrolment"))
    author = texts[0].author
    shown = [one for question in found if (one := _opened(question, author, reader))]
    if reader == author and (new := [one.pk for one in found if one.seen_at is None]):
        PeerQuestion.objects.filter(pk__in=new, seen_at=None).update(seen_at=now)
    _note_answers_seen([one.question for one in shown if one.is_mine], now)
    note_reading(reader, [one.question for one in shown], now=now)
    return shown


def _note_answers_seen(mine: Sequence[PeerQuestion], now: datetime) -> None:
    """On the very answer that was shown: another one since is a new one."""
    for one in mine:
        if one.answered_at and one.answer_seen_at is None:
            PeerQuestion.objects.filter(pk=one.pk, answered_at=one.answered_at).update(answer_seen_at=now)


def _opened(question: PeerQuestion, author: User, reader: User) -> Asked | None:
    try:
        words, answer = words_of(question), answer_to(question, author)
    except KeyDestroyedError:
        return None
    return Asked(question, name_of(question), words, answer, is_mine=question.author_id == reader.pk)


def name_of(question: PeerQuestion) -> str:
    """Who asks, until they leave (MODEL §9)."""
    return name_of_writer(question.author, question.enrolment)


def note_reading(reader: User, rows: Sequence[PeerQuestion], *, now: datetime) -> None:
    """Write down, once a day for each, that the reader has others' questions on the screen (MODEL I17)."""
    others = [one for one in rows if one.author_id != reader.pk]
    if not others:
        return
    seen = AuditEvent.objects.filter(actor=reader, action="read", at__gt=now - timedelta(days=1))
    known = set(seen.filter(object_id__in=[str(one.pk) for one in others]).values_list("object_id", flat=True))
    new = [(one, one.author, _purpose(one.author)) for one in others if str(one.pk) not in known]
    record_all(reader, "read", new, now=now)


def _purpose(author: User) -> str:
    """In the language of the person it is about: they read it on their own page."""
    with override(author.language):
        return gettext("Read what you asked about a shared text")


@dataclass(frozen=True)
class Place:
    """Where something stands for somebody: by number and place, never by words.

    Beside a text of their own what others asked; beside somebody else's the answers to what they asked, not seen yet.
    """

    reflection: UUID | None
    experiment: UUID | None
    project: tuple[UUID, UUID] | None  # enrolment and cohort, where it stands beside somebody's question
    day: date | None
    author: str
    questions: int
    appreciations: int
    answers: int


def places(person: User, *, unseen: bool) -> list[Place]:
    """New answers to what they asked, then where their texts have got something, the latest first. One query.

    With `unseen` only what is new of both.
    """
    asked, answered = PeerQuestion.objects.to(person), PeerQuestion.objects.answered_for(person)
    if unseen:
        asked = asked.filter(seen_at=None)
    answered = answered.filter(answer_seen_at=None)
    rows = PeerQuestion.objects.filter(Q(pk__in=asked.values("pk")) | Q(pk__in=answered.values("pk")))
    by_text = rows.order_by().annotate(writer=NAME_OF_AUTHOR).values(*OF_THE_TEXT, "writer")
    is_mine = Q(author=person)
    counted = by_text.annotate(
        questions=Count("pk", filter=Q(kind=Kind.QUESTION) & ~is_mine),
        appreciations=Count("pk", filter=Q(kind=Kind.APPRECIATION) & ~is_mine),
        answers=Count("pk", filter=is_mine),
        latest=Max(Case(When(is_mine, then="answered_at"), default="asked_at")),
    )
    return [_place(row) for row in counted.order_by("-answers", "-latest")[:PLACES_SHOWN]]


def _place(row: dict[str, Any]) -> Place:
    enrolment = row[f"{PROJECT}__enrolment"]
    return Place(
        reflection=row["reflection"],
        experiment=row["experiment"],
        project=(enrolment, row[f"{PROJECT}__enrolment__cohort"]) if enrolment else None,
        day=row["reflection__occurred_on"],
        author=row["writer"],
        questions=row["questions"],
        appreciations=row["appreciations"],
        answers=row["answers"],
    )
