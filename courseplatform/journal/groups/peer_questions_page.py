"""What a text's page shows of the group's questions, and where they wait: elsewhere by number and place alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils.translation import gettext, override

from courseplatform.journal.groups.peer_questions import Text, answer_to, field_of, words_of
from courseplatform.journal.models import PeerQuestion
from courseplatform.journal.reflections.readers import name_of_writer
from courseplatform.people.models import AuditEvent, User
from courseplatform.people.privacy.audit import record_all
from courseplatform.people.privacy.sealing import KeyDestroyedError

Kind = PeerQuestion.Kind
PLACES_SHOWN = 10
OF_THE_PROJECT = "wording__project__enrolment__cohort"


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

    With this the author has seen it, and who else has read it is written down. One query where there is nothing.
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
    note_reading(reader, [one.question for one in shown], now=now)
    return shown


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
    """Where something stands for its author: by number and place, never by words."""

    reflection: UUID | None
    experiment: UUID | None
    cohort: UUID | None  # of the project whose question it is
    day: date | None
    questions: int
    appreciations: int


def places(person: User, *, unseen: bool) -> list[Place]:
    """Where the person's texts have got something from others, the latest first; only what is new. One query."""
    rows = PeerQuestion.objects.to(person)
    if unseen:
        rows = rows.filter(seen_at=None)
    by_text = rows.order_by().values("reflection", "experiment", OF_THE_PROJECT, "reflection__occurred_on")
    counted = by_text.annotate(
        questions=Count("pk", filter=Q(kind=Kind.QUESTION)),
        appreciations=Count("pk", filter=Q(kind=Kind.APPRECIATION)),
        latest=Max("asked_at"),
    )
    return [
        Place(
            reflection=row["reflection"],
            experiment=row["experiment"],
            cohort=row[OF_THE_PROJECT],
            day=row["reflection__occurred_on"],
            questions=row["questions"],
            appreciations=row["appreciations"],
        )
        for row in counted.order_by("-latest")[:PLACES_SHOWN]
    ]
